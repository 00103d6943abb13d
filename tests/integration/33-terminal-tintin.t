#!/bin/sh
# Goal: with tintin++, a client for talkers and MUDs, on screens of two sizes, a person has a prompt
# that stays whole, keys that edit, a history and completion; what others say stands above it; and
# the terminal is as before when they leave.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"
# shellcheck source=evening.sh
. "$tests_folder/evening.sh"

evening tt++ 80 24
evening tt++ 40 10
finish
