#!/bin/sh
# Goal: time in which no nats-server was there does not count as silence of a machine. However many machines there
# are, and whichever of them is heard last when it is over, nobody leaves; who dies afterwards is found to be dead.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'an outage of the nats-servers'

machines='east west north south middle upper'
down='*** The link to the other machines is down. What you say waits. ***'
back='*** The link is back. ***'

nats_alone
for name in $machines; do
    machine "$name" --link-timeout 60
    come "in_$name" "$name"
done
for name in $machines; do
    told "in_$name" '*** in_upper has joined the chat ***' || [ "$name" = upper ]
done

kill -KILL "$nats_alone_process"
for name in $machines; do
    say "in_$name" "From $name."
done
check 'people are told' wait_for in_east "$down" 20
sleep 6
nats-server -c alone.conf >>alone.log 2>&1 &
for name in $machines; do
    check "the link of $name is back" wait_for "in_$name" "$back" 20
done
for name in $machines; do
    [ "$name" = middle ] || check "what was said at $name arrives" told in_middle "in_$name: From $name."
    settle "in_$name"
    check 'nobody has left' lacks "in_$name" 'has left the chat'
    check 'and nobody has come in anew' lacks "console.$name" 'is not heard any more'
done

machine_signal KILL upper
check 'who dies then is gone within 10 seconds' wait_for in_east '*** in_upper has left the chat ***' 11
check 'alone' lacks in_east '*** in_middle has left the chat ***'
finish
