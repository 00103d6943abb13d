#!/bin/sh
# Goal: accounts survive the loss of a nats-server; two machines that register one name at once give it to
# one person; and while the nats-servers are away people are told the truth, and go on when they are back.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'accounts survive the loss of a nats-server'

# log_in CLIENT NAME PASSWORD MACHINE
log_in() {
    connect "$1" 127.0.0.1 "$(cat "port.$4")"
    for try in 1 2 3 4; do # as `come` does
        say "$1" "$2"
        wait_for_count "$try" "$1" 'Password: |Registered names cannot be looked up now' 40
        ! has "$1" 'Password: ' || break
    done
    say "$1" "$3"
}

nats_cluster || exit 1
for number in 1 2 3; do
    nats_start $number
done
check 'the nats-servers are ready' within 60 nats_is_whole
servers=$(nats_urls)
machine east --link-timeout 15
machine west --link-timeout 15

# --- Two at once -------------------------------------------------------------------------------------------

come Left east
come Right west
for round in 1 2 3; do
    say Left "/nick Pat$round"
    say Right "/nick PaT$round"
    settle Left
    settle Right
    say Left '/register a-long-password'
    say Right '/register b-long-password'
    wait_for Left 'is yours now' && wait_for Right 'is yours now'
    say Left '/unregister a-long-password'
    say Right '/unregister b-long-password'
    wait_for_count "$round" Left "is nobody's now"
    wait_for_count "$round" Right "is nobody's now"
done
check 'people register at once on two machines' wait_for_count 3 Left 'is yours now'
is 'one of two has a name that both take' "$(grep -h 'now known as [Pp]a[Tt]' Left Right | sort -u | wc -l | tr -d ' ')" 3
quit Left
quit Right

# --- The bucket's leader dies ------------------------------------------------------------------------------

come Alice east
say Alice '/register open sesame'
wait_for Alice 'is yours now'
leader=$(nats_leader KV_partyline_people)
nats_signal KILL "$leader"
log_in Again Alice 'open sesame' west
check 'who logs in when the leader has died comes in' wait_for Again '*** Welcome, Alice. ' 60
check 'and the other connection ends' wait_for Alice 'You have come in from elsewhere.' 20
come Carol east
say Carol '/register open sesame'
check 'who registers then does so' wait_for Carol '*** The name Carol is yours now. ***' 40
nats_start "$leader"
check 'the server that had died is there again' within 60 nats_is_whole

# --- All are away ------------------------------------------------------------------------------------------

come Bob west
for number in 1 2 3; do
    nats_signal STOP $number
done
say Bob '/register open sesame'
check 'who registers while the link is down is told so' wait_for Bob \
    'Registered names cannot be looked up now' 40
connect Late 127.0.0.1 "$(cat port.east)"
say Late Late
check 'who comes in is told, too' wait_for Late 'Registered names cannot be looked up now' 40
say Bob '/who'
check 'others go on' wait_for Bob 'Carol'
for number in 1 2 3; do
    nats_signal CONT $number
done
check 'the link is back' wait_for Bob 'The link is back' 60
# comes_in: Late says the name until the bucket has a leader again, too.
comes_in() {
    for try in 2 3 4 5; do
        say Late Late
        wait_for_count "$try" Late 'Welcome, Late\. |Registered names cannot be looked up now' 40
        ! has Late '*** Welcome, Late. ' || return 0
    done
    return 1
}
check 'who waited at the prompt comes in' comes_in
come Dave west
say Dave '/register open sesame'
check 'names are registered again' wait_for Dave '*** The name Dave is yours now. ***' 40
for name in east west; do
    check "the machine $name stops" machine_stop $name
done
finish
