#!/bin/sh
# Goal: with PuTTY's plink, on screens of two sizes, a person has a prompt
# that stays whole, keys that edit, a history and completion; what others say stands above it; and
# the terminal is as before when they leave.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"
# shellcheck source=evening.sh
. "$tests_folder/evening.sh"

evening plink 80 24
evening plink 40 10
finish
