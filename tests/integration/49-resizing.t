#!/bin/sh
# Goal: a person at a terminal whose window changes its size loses nothing of the conversation and of the
# line that is being typed, and sees nothing twice: after every step the screen is that of a perfect one.
#
# Here it is a short game in tmux. A long one by hand, in xterm and kitty (with Xvfb), too, if they are here:
#
#     RESIZES=1000 tests/integration/49-resizing.t
#
# RESIZES: how many times each window changes its size. SEED: what chance begins with (1). GAMES: which are
# played, of "tmux xterm kitty" and "ascii emoji drag", all if it is not set. In the last one sizes follow each
# other quickly and people talk meanwhile. A message that comes between the terminal's change and its report
# breaks the screen then, whatever the server does: so that one only shows how often.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=evening.sh
. "$tests_folder/evening.sh"

seed=${SEED:-1}
changes=${RESIZES:-25}
games=${GAMES:-tmux xterm kitty ascii emoji drag}
[ -n "${RESIZES:-}" ] || [ -n "${GAMES:-}" ] || games='tmux ascii emoji'

# wanted WORD: it is among the games.
wanted() {
    case " $games " in
        *" $1 "*) ;;
        *) false ;;
    esac
}

# is_here TERMINAL
is_here() {
    case $1 in
        tmux) command -v tmux >/dev/null ;;
        *) command -v "$1" >/dev/null && command -v Xvfb >/dev/null ;;
    esac
}

# play TERMINAL ALPHABET DRAGS ALLOWED: a game, in which so many of a thousand screens may be broken.
play() {
    game="$1, $2"
    [ "$3" = 0 ] || game="$1, $2, dragged"
    if ! is_here "$1"; then
        skip "$game" "there is no $1 that runs here"
        return
    fi
    start --listen 127.0.0.1:0 --telnet 127.0.0.1:0 --idle-timeout 86400
    listens=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
    perl -I "$tests_folder/lib" -MResizing -e 'Resizing::play(@ARGV)' kind "$1" alphabet "$2" goal "$changes" \
        drags "$3" seed "$seed" folder "$work" port "$port" telnet_port "$listens" command "$visit" >result
    steps='' resized='' broken=''
    read -r steps resized broken <result
    check "$game: ${broken:-?} of ${resized:-?} resizes and ${steps:-?} screens broken, seed $seed" \
        few "$4"
    stop
}

few() {
    [ "${resized:-0}" -ge "$changes" ] && [ $((broken * 1000)) -le $(($1 * resized)) ]
}

# shellcheck disable=SC2034 # terminal.sh ends tmux if there is anybody.
seats='Alice Perfect'
telnet_port=PORT       # The game tells it.
if ! client_for telnet || [ "$resizes" = no ]; then
    skip 'windows that change their size' 'there is no telnet here that tells it'
    finish
fi
for terminal in tmux xterm kitty; do
    wanted "$terminal" || continue
    ! wanted ascii || play "$terminal" ascii 0 0
    ! wanted emoji || play "$terminal" emoji 0 10
    ! wanted drag || play "$terminal" ascii 1 1000
done
finish
