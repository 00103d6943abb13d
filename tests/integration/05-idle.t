#!/bin/sh
# Goal: the idle clock runs from the last complete line, the name prompt has a clock of its own, and
# single bytes extend neither.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# Has Bob say something often enough that he is never idle, until Alice is reported to have left.
chatter_until_alice_left() {
    has Bob '*** Alice has left the chat ***' && return
    say Bob 'Still here.'
    sleep 0.1
    return 1
}

# Long enough for who is not idle to say something in that time, however busy the machine is.
start --idle-timeout 5 --login-timeout 0
connect Waiting
enter Bob
enter Alice
say Alice /who
check 'the others are told that an idle person has left' within "$patience" chatter_until_alice_left
check 'who keeps talking is not idle' lacks Bob 'Disconnected'
check 'an idle person gets the idle notice, though others were talking' \
    wait_for Alice 'Disconnected: idle timeout.'
check 'with a short timeout it is not announced' lacks Alice 'You will be disconnected'
is 'that notice is the last that is sent' "$(tail -n 1 Alice)" 'Disconnected: idle timeout.'
check 'an idle person is disconnected' closed Alice
check 'the log has the reason' wait_for_match console '^Alice \(127\.0\.0\.1:[0-9]+\) has left: idle timeout$'
wait_for Bob 'Disconnected: idle timeout.'
say Waiting Waiting
check 'with --login-timeout 0 the prompt waits as long as it takes' wait_for Waiting '*** Welcome, Waiting.'
check 'the server stops' stop

start --idle-timeout 1
enter Dribbler
dribble() {
    has Dribbler 'Disconnected: idle timeout.' && return
    send Dribbler x
    sleep 0.1
    return 1
}
check 'bytes that never become a line do not keep a client' within "$patience" dribble
check 'who dribbles is disconnected' closed Dribbler
check 'an unfinished line of an idle client is not a line' lacks console 'Dribbler: x'
check 'the server stops' stop

# Long enough for Alice and Bob to say their names.
start --idle-timeout 0 --login-timeout 5
enter Alice
connect Mute
same 'who says no name gets the idle notice, on a line of its own' Mute \
    'Enter your name: \nDisconnected: idle timeout.\n'
check 'who says no name is disconnected' closed Mute
connect Stutter
dribble() {
    has Stutter 'Disconnected: idle timeout.' && return
    send Stutter S
    sleep 0.1
    return 1
}
check 'a name that is never finished does not hold the prompt' within "$patience" dribble
check 'and the connection is closed' closed Stutter
enter Bob
say Alice 'Still here.'
check 'with --idle-timeout 0 nobody is idle' wait_for Bob 'Alice: Still here.'
is 'nobody was told of those who had no name' "$(sed 1d Alice)" '*** Bob has joined the chat ***'

finish
