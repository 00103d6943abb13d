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

# play: the scene on standard input, with the server's port and process as its arguments.
play() {
    perl -I"$tests_folder/lib" -MCrowd - "$port" "$server" >verdicts 2>complaints
    played=$?
    while read -r verdict sentence; do
        if [ "$verdict" = holds ]; then
            ok "$sentence"
        else
            not_ok "$sentence"
            failed=yes
        fi
    done <verdicts
    if [ $played -ne 0 ]; then
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
