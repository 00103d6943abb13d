#!/bin/sh
# Goal: with PuTTY's window, under Xvfb, in two sizes, a person has a prompt
# that stays whole, keys that edit, a history and completion; what others say stands above it; and the window
# closes when one leaves.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=window.sh
. "$tests_folder/window.sh"
# shellcheck source=evening.sh
. "$tests_folder/evening.sh"

evening putty 80 24
evening putty 40 10
finish
