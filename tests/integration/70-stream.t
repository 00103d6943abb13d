#!/bin/sh
# Goal: a stream on three nats-servers is one log for all who follow it: the same order everywhere, nothing
# lost, nothing twice, whichever of the servers dies, stands still or comes back.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"

PATH=$PATH:/usr/sbin # where Debian has nats-server
stream=${partyline%/*}/stream
if [ ! -x "$stream" ]; then
    skip 'a stream is one log for all' 'this build lacks libnats (libnats-dev)'
    finish
elif ! command -v nats-server >/dev/null; then
    skip 'a stream is one log for all' 'no nats-server here'
    finish
fi

# --- What is told when a stream cannot be opened --------------------------------------------------------

# refused SENTENCE WORDS ARGUMENT...
refused() {
    sentence=$1
    words=$2
    shift 2
    "$stream" -s 3 "$@" >refused.out 2>refused.err
    is "$sentence is refused" $? 2
    check 'with its cause' has refused.err "$words"
}

# nats_alone NAME: starts a server of its own with the file NAME.conf; nobody waits for it.
nats_alone() {
    nats-server -c "$1.conf" >"$1.log" 2>&1 &
    check "a nats-server is ready ($1)" within "$patience" has "$1.log" 'Server is ready'
}

ports=$(free_ports 3)
closed_port=${ports%% *}
alone=127.0.0.1:${ports##* }
ports=${ports#* }
guarded=127.0.0.1:${ports%% *}

refused 'a server that is not there' 'no nats-server can be reached' "nats://127.0.0.1:$closed_port" log
refused 'a name that is none' 'the name of the stream is none' "nats://$alone" 'my log'
refused 'a credentials file that is not there' 'cannot read the credentials file nowhere.creds' -k nowhere.creds \
    "nats://$alone" log

printf 'listen: %s\nauthorization { user: "u", password: "secret" }\n' "$guarded" >guarded.conf
nats_alone guarded
refused 'a wrong password' 'the nats-server refuses the credentials' "nats://u:wrong@$guarded" log
refused 'a server without JetStream' 'has no JetStream' "nats://u:secret@$guarded" log

printf 'listen: %s\njetstream { store_dir: "%s" }\n' "$alone" "$work/alone" >alone.conf
nats_alone alone
check 'another program makes a stream in memory' "$stream" -w memory "nats://$alone" memory
refused 'a stream of wrong settings' "the stream 'memory' has wrong settings: its storage is not the disk" \
    "nats://$alone" memory
check 'or one that does not tell what it stores' "$stream" -w silent "nats://$alone" silent
refused 'that one' "the stream 'silent' has wrong settings: it does not republish" "nats://$alone" silent
"$stream" -c 20 -m 20 -s 60 -o alone.out "nats://$alone" log >alone.said 2>&1
ended=$?
is 'one server does where there is one' "$ended" 0 || explain <alone.said
is 'what was published twice with one id is there once' "$(wc -l <alone.out | tr -d ' ')" 20

"$stream" -c 400 -b 1000 -l 100000 "nats://$alone" short >short.said 2>&1
is 'a stream that keeps little takes more' $? 0
"$stream" -u 400 -s 30 -o short.out "nats://$alone" short >short.said 2>&1
is 'who follows it from the first message on is given the last one' $? 0
# without_gap: what it was given is all from some message on, which is not the first.
without_gap() {
    awk 'NR == 1 { first = $1 } $1 != first + NR - 1 { exit 1 }
         END { if (first <= 1 || $1 != 400) exit 1 }' short.out
}
check 'and all from the first one on that is there' without_gap

# shout PORT SUBJECT TEXT: publishes as anybody may.
shout() {
    perl -MIO::Socket::INET -e '
        my ($port, $subject, $text) = @ARGV;
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or exit 1;
        my $length = length $text;
        print $socket "CONNECT {\"verbose\":false}\r\nPUB $subject answer $length\r\n$text\r\nPING\r\n";
        alarm 3;
        while (<$socket>) { exit 0 if /^PONG/ }
        exit 1' "$1" "$2" "$3"
}

"$stream" -c 5 "nats://$alone" passing >said 2>told
"$stream" -n 2 -u 1000 -s 50 -o passing.out "nats://$alone" passing >passing.said 2>passing.told &
process=$!
check 'somebody follows a stream' within 20 has passing.told 'the link is up'
followed() {
    [ "$(wc -l <passing.out)" -eq 5 ]
}
check 'and is given what is in it' within 20 followed
check 'it is removed' shout "${alone##*:}" "\$JS.API.STREAM.DELETE.passing" ''
check 'who follows it is told' within 20 has passing.told 'the link is down'
"$stream" -n 3 -c 20 -m 20 -s 20 "nats://$alone" passing >said 2>told
is 'it is made anew' $? 0
"$stream" -n 4 -u 20 -s 20 "nats://$alone" passing >said 2>told
is 'and followed by others' $? 0
is 'but not by who followed the one before' "$(cut -d ' ' -f 1 passing.out | tail -1)" 5
kill "$process"

printf 'listen: 127.0.0.1:%s\njetstream { store_dir: "%s" }\nmax_payload: 65536\n' "$closed_port" "$work/small" >small.conf
nats_alone small
refused 'a server that takes small messages only' "the nats-server's max_payload is 65536" \
    "nats://127.0.0.1:$closed_port" log

# --- Three servers ---------------------------------------------------------------------------------------

# Two processes publish with two threads each, and follow; a third one follows alone.
each=700
total=$((each * 4))

nats_cluster || exit 1
for number in 1 2 3; do
    nats_start $number
done
# Whoever comes first makes the stream; all come at once.
for node in 1 2 3; do
    set -- -n $node -m $total -o "node$node" -s 55
    [ $node -eq 3 ] || set -- "$@" -t 2 -c $each -r 50
    "$stream" "$@" "$(nats_urls)" shared >"said$node" 2>"told$node" &
    eval "process$node=$!"
done

# further COUNT: waits until everybody was given so many messages more than node 3 has now.
further() {
    goal=$(($(wc -l <node3) + $1))
    [ "$goal" -le "$total" ] || goal=$total
    within 40 everybody_has "$goal"
}
everybody_has() {
    for log in node1 node2 node3; do
        [ -f "$log" ] && [ "$(wc -l <"$log")" -ge "$1" ] || return 1
    done
}
healthy() {
    fetch "$(nats_port $(($1 + 6)))" /healthz 2>/dev/null | grep -q '"status": *"ok"'
}
# choose STREAM: sets its leader, and two others.
choose() {
    leader=$(nats_leader "$1")
    [ -n "$leader" ] && other=$((leader % 3 + 1)) && third=$((other % 3 + 1))
}

check 'messages go around' within 40 everybody_has 200
check 'somebody else writes where the servers tell what they store' shout "$(nats_port 1)" shared.stored Shout
check 'one server leads the stream' within 20 choose shared
nats_signal KILL "$other"
check 'one that does not lead is killed: they go on' further 300
nats_start "$other"
check 'it comes back' within 20 healthy "$other"
nats_signal STOP "$third"
check 'another one stands still: they go on' further 400
nats_signal CONT "$third"
check 'it goes on, too' within 20 healthy "$third"
check 'one leads' within 20 choose shared
nats_signal KILL "$leader"
check 'the leader is killed: they go on' further 300
nats_start "$leader"
check 'it comes back' within 20 healthy "$leader"

for node in 1 2 3; do
    eval "process=\$process$node"
    # shellcheck disable=SC2154 # eval sets it.
    wait "$process"
    is "node $node published everything, and was given everything" $? 0
    sed 's/^/# /' "said$node"
done
is 'each message is there' "$(cut -d ' ' -f 2 node1 | sort -u | wc -l | tr -d ' ')" "$total"
is 'and none twice' "$(cut -d ' ' -f 2 node1 | sort | uniq -d)" ''
check 'node 2 was given the same in the same order' cmp node1 node2
check 'and node 3' cmp node1 node3
# in_order: what one thread published one after the other is in this order.
in_order() {
    awk '{ split($2, part, "."); thread = part[1] "." part[2]
           if (part[3] != ++last[thread]) exit 1 }' node1
}
check 'what one thread said is in its order' in_order

# After a leader has died, machines that make a stream at once may be told of two of them.
for node in 1 2 3; do
    "$stream" -n $node -c 20 -m 60 -s 60 -o "new$node" "$(nats_urls)" new >"said$node" 2>"told$node" &
    eval "process$node=$!"
done
for node in 1 2 3; do
    eval "process=\$process$node"
    wait "$process"
    ended=$?
    is "a stream that all make at once is the same for node $node" "$ended" 0 || explain <"told$node"
done

# --- No leader of JetStream ------------------------------------------------------------------------------

# One server holds this stream. When the other two are dead, nobody can be made the leader of JetStream as a
# whole. Who was connected to one of them follows on with the one that is left all the same.
"$stream" -R 1 "$(nats_urls)" lone >said1 2>told1
is 'a stream that one server holds is made' $? 0
check 'it is known which' within 20 choose lone
for node in 1 2; do
    eval "port=\$(nats_port \"\$$([ $node -eq 1 ] && echo other || echo third)\")"
    "$stream" -n $node -R 1 -c 600 -r 50 -m 1200 -s 55 -o "lone$node" "nats://127.0.0.1:$port" lone >"said$node" 2>"told$node" &
    eval "process$node=$!"
done
both_have() {
    [ -f lone1 ] && [ -f lone2 ] && [ "$(wc -l <lone1)" -ge "$1" ] && [ "$(wc -l <lone2)" -ge "$1" ]
}
check 'messages go around' within 20 both_have 100
nats_signal KILL "$other"
nats_signal KILL "$third"
for node in 1 2; do
    eval "process=\$process$node"
    wait "$process"
    is "node $node goes on without a leader of JetStream" $? 0
    sed 's/^/# /' "said$node"
done
check 'both were given the same' cmp lone1 lone2
nats_start "$other"
nats_start "$third"
check 'the servers come back' within 40 healthy "$other"
check 'both of them' within 40 healthy "$third"

# --- Catching up -----------------------------------------------------------------------------------------

# A server misses 20,000 messages. Who follows the stream with that server, as soon as it is back, is given
# what the others have: it asks others as long as it lags behind.
"$stream" "$(nats_urls)" long >said1 2>told1
is 'a stream is made' $? 0
check 'one server leads it' within 20 choose long
nats_signal KILL "$other"
"$stream" -t 16 -c 1250 -m 20000 -s 55 -o long1 "nats://127.0.0.1:$(nats_port "$leader")" long >said1 2>told1
is '20,000 messages are published while a server is dead' $? 0
nats_start "$other"
"$stream" -n 3 -m 20000 -s 55 -o long3 "nats://127.0.0.1:$(nats_port "$other")" long >said3 2>told3 &
process3=$!
"$stream" -n 2 -m 20000 -s 55 -o long2 "nats://127.0.0.1:$(nats_port "$third")" long >said2 2>told2
is 'who comes then catches up' $? 0
sed 's/^/# /' said2
check 'with exactly the same' cmp long1 long2
wait "$process3"
is 'so does who comes to the server that was dead' $? 0
sed 's/^/# /' said3
check 'with exactly the same' cmp long1 long3

# A server that stands still is asked like the others.
nats_signal STOP "$third"
"$stream" -n 4 -m 20000 -s 55 -o long4 "nats://127.0.0.1:$(nats_port "$leader")" long >said4 2>told4
is 'who comes while a server stands still catches up, too' $? 0
sed 's/^/# /' said4
check 'with exactly the same' cmp long1 long4
nats_signal CONT "$third"

# More waits for a follower than may: what is dropped is fetched.
"$stream" -c 1 "$(nats_urls)" wide >said1 2>told1
is 'a message is published' $? 0
"$stream" -n 2 -m 41 -s 55 -p go_on -o wide2 "$(nats_urls)" wide >said2 2>told2 &
process2=$!
check 'somebody follows' within 20 has told2 'the link is up'
"$stream" -n 3 -t 4 -c 10 -b 900000 -m 41 -s 50 -o wide1 "$(nats_urls)" wide >said1 2>told1
is '36 MB are published while a follower stands still' $? 0
: >go_on
wait "$process2"
is 'then it is given all of it' $? 0
sed 's/^/# /' said2
check 'exactly the same' cmp wide1 wide2

finish
