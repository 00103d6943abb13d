#!/bin/sh
# Goal: with GNU's telnet (or whichever this system has), on screens of two sizes, a person has a prompt
# that stays whole, keys that edit, a history and completion; what others say stands above it; and
# the terminal is as before when they leave.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"
# shellcheck source=evening.sh
. "$tests_folder/evening.sh"

evening telnet 80 24
evening telnet 40 10
finish
