# shellcheck shell=sh
#
# For the scenarios about flow control: scenes with many clients that read each in their own manner, which
# are written in perl, on top of lib/Crowd.pm.
#
#     play <<'END'
#     my $crowd = Crowd->new(shift);
#     ...
#     $crowd->verdict($slow->{heard} eq $fast->{heard}, 'the slow reader gets what the fast one gets');
#     END
#
# Each verdict is a test. No scene asserts an absolute time: a wait is compared with what causes it (how
# long a reader holds still, how long it takes for a piece of a flood, a timeout), or a line must arrive
# while something else still waits.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A sanitizer makes everything slow, each in another measure, and keeps what is freed: with one, neither
# waits are judged nor is memory looked at.
if is_sanitized; then
    SANITIZED=yes
    export SANITIZED
fi

# perform: plays the scene once. Fails if nothing but a wait was too long, which chance may do on a busy machine.
perform() {
    perl -I"$tests_folder/lib" -MCrowd scene.played "$port" "$server" >verdicts 2>complaints
    played=$?
    [ "$played" -ne 0 ] || grep -q '^fails ' verdicts || ! grep -q '^slow ' verdicts
}

# play: the scene on standard input, with the server's port and process as its arguments. One in which a wait was
# too long is played again with a new server; what is too slow by itself is so each time.
play() {
    cat >scene.played
    for attempt in 1 2 3; do
        if perform || [ $attempt -eq 3 ] || [ -z "$server" ] || [ -z "${started_with+set}" ]; then
            break
        fi
        sed 's/^/# once more, since /' complaints
        stop
        # shellcheck disable=SC2086 # Words.
        start $started_with
    done
    while read -r verdict sentence; do
        if [ "$verdict" = holds ]; then
            ok "$sentence"
        else
            not_ok "$sentence"
            failed=yes
        fi
    done <verdicts
    if [ "$played" -ne 0 ]; then
        not_ok 'the scene is played to its end'
        failed=yes
    fi
    if [ "${failed:-no}" = yes ]; then
        {
            cat complaints
            printf 'the end of the console:\n'
            tail -n 5 console
            head -n 60 errors
        } | explain
    fi
    failed=no
}

# cut_off: the names of those whom the server has cut off as too slow, in order.
cut_off() {
    sed -n 's/^\([^ ]*\) (.*) has left: too slow$/\1/p' console | sort | tr '\n' ' '
}
