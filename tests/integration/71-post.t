#!/bin/sh
# Goal: a letter from one machine to another is answered, and received once, whatever happens to the
# nats-servers and to the machines; who cannot be reached is told apart from who may have received it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"

PATH=$PATH:/usr/sbin # where Debian has nats-server
post=${partyline%/*}/post
if [ ! -x "$post" ]; then
    skip 'a letter is answered, and received once' 'this build lacks libnats (libnats-dev)'
    finish
elif ! command -v nats-server >/dev/null; then
    skip 'a letter is answered, and received once' 'no nats-server here'
    finish
fi

# --- Helpers --------------------------------------------------------------------------------------------

# listen NODE [ARGUMENT...]: starts a machine that receives letters until `leave`; its record is
# the file nodeNODE. `urls` tells where.
listen() {
    node=$1
    shift
    rm -f "stop$node"
    : >"node$node"
    "$post" -n "$node" -s 300 -o "node$node" -q "stop$node" "$@" "$urls" letters >"said$node" 2>"told$node" &
    eval "listener$node=$!"
    within "$patience" has_line "node$node" ready
}

# halt NODE: it stands still, which its threads do when one of them has noticed.
halt() {
    eval "kill -STOP \$listener$1; within 10 stands_still \$listener$1"
}

stands_still() {
    ps -o stat= -p "$1" | grep -q '^T'
}

# leave NODE: it ends, and leaves what it counted in saidNODE.
leave() {
    : >"stop$1"
    eval "ended \$listener$1" && [ "$status" -eq 0 ]
}

# received NODE: what it was given, one letter in a line.
received() {
    sed 1d "node$1"
}

received_at_least() {
    [ "$(received "$1" | wc -l)" -ge "$2" ]
}

# once NODE COUNT: it was given that many letters, none twice, each thread's in order.
once() {
    received "$1" | awk -F . -v count="$2" '
        $3 != ++last[$1 "." $2] { exit failed = 1 }
        END { exit failed || NR != count }'
}

# sender NODE [ARGUMENT...]: starts a machine that sends letters; `sent NODE` waits for its end. Each
# has a number of its own.
sender() {
    node=$1
    shift
    rm -f "stop$node"
    "$post" -n "$node" "$@" "$urls" letters >"said$node" 2>"told$node" &
    eval "sender$node=$!"
}

sent() {
    eval "ended \$sender$1 60"
    sed 's/^/# /' "said$1"
    [ "$status" -le 1 ] || not_ok "sender $1 ends well, but its status is $status" # It may be a sanitizer's.
}

# told_of NODE WORD...: all the words, such as answered=5, are in what it said at its end.
told_of() {
    said=" $(cat "said$1") "
    shift
    for word; do
        case $said in
            *" $word "*) ;;
            *) return 1 ;;
        esac
    done
}

# told_at_least NODE WORD NUMBER: that word's number in what it said at its end.
told_at_least() {
    [ "$(tr ' ' '\n' <"said$1" | sed -n "s/^$2=//p")" -ge "$3" ]
}

# watch_letters: has the file `seen` show each copy of a letter to node 2; unwatch_letters ends that.
watch_letters() {
    rm -f unwatch
    : >seen
    "$post" -y -o seen -q unwatch "$urls" letters &
    watcher=$!
    within "$patience" has_line seen ready
}

unwatch_letters() {
    : >unwatch
    ended "$watcher"
}

# seen_copies NODE COUNT, seen_letters NODE COUNT: as many copies, or letters, of a sender were seen.
seen_copies() {
    [ "$(grep -c "^copy $1 " seen)" -ge "$2" ]
}

letters_seen() {
    grep "^copy $1 " seen | sort -u | wc -l | tr -d ' '
}

seen_letters() {
    [ "$(letters_seen "$1")" -ge "$2" ]
}

# nats_alone NAME: starts, or starts again, a server of its own with the file NAME.conf; sets alone.
nats_alone() {
    : >"$1.log"
    nats-server -c "$1.conf" >"$1.log" 2>&1 &
    alone=$!
    within "$patience" has "$1.log" 'Server is ready'
}

# refused SENTENCE WORDS ARGUMENT...
refused() {
    sentence=$1
    words=$2
    shift 2
    "$post" -s 2 "$@" >refused.out 2>refused.err
    is "$sentence is refused" $? 2
    check 'with its cause' has refused.err "$words"
}

# --- One server -----------------------------------------------------------------------------------------

ports=$(free_ports 1)
urls=nats://127.0.0.1:$ports
printf 'listen: 127.0.0.1:%s\n' "$ports" >alone.conf

refused 'a server that is not there' 'no nats-server can be reached' "$urls" letters
refused 'a name that is none' 'the name of the cluster is none' "$urls" 'my.letters'
refused 'a credentials file that is not there' 'cannot read the credentials file nowhere.creds' -k nowhere.creds \
    "$urls" letters
printf 'listen: 127.0.0.1:%s\nmax_payload: 65536\nauthorization { user: "u", password: "secret" }\n' "$ports" >odd.conf
check 'an odd nats-server starts' nats_alone odd
refused 'a wrong password' 'the nats-server refuses the credentials' "nats://u:wrong@127.0.0.1:$ports" letters
refused 'a server that takes small messages only' "the nats-server's max_payload is 65536" \
    "nats://u:secret@127.0.0.1:$ports" letters
kill "$alone"
ended "$alone"
check 'a nats-server starts' nats_alone alone

check 'a machine listens' listen 2
sender 11 -p 2 -t 3 -c 200
sent 11
check 'all letters are answered' told_of 11 answered=600 wrong=0
check 'all were received once, in the order of their thread' once 2 600

sender 12 -p 2 -c 3 -b 1000000
sent 12
check 'letters of the greatest size are answered' told_of 12 answered=3
sender 13 -p 2 -b 1000001 -c 1
sent 13
check 'larger ones are refused' told_of 13 refused=1
check 'with EMSGSIZE' matches told13 "$(wording EMSGSIZE)"
sender 14 -p 2 -d 70 -c 1
sent 14
check 'a deadline that is too far away is refused' told_of 14 refused=1
check 'and nothing of that was received' once 2 603
sender 15 -p 3 -c 1
sent 15
check 'a machine that nobody has heard of is unreachable before the deadline' told_of 15 unreachable=1 early=1
check 'node 2 leaves' leave 2

check 'a machine with long answers listens' listen 2 -a 65536
sender 16 -p 2 -t 4 -c 50
sent 16
check 'answers of the greatest size arrive' told_of 16 answered=200
"$post" -x "$urls" letters >spoiled
is 'somebody sends what is no letter' "$(cat spoiled)" 'bits=408 beginnings=51'
sender 17 -p 2 -c 1
sent 17
check 'letters are still answered' told_of 17 answered=1
check 'node 2 leaves' leave 2
check 'and has counted what was none, and what came too late' \
    told_of 2 foreign=37 garbled=423 newer=1 old=1 received=202
check 'and what came again, be it because its answer took long' told_at_least 2 again 2
is 'of all that it was given one letter' "$(received 2 | grep -c '^9')" 1

# --- A machine that stands still --------------------------------------------------------------------------

check 'two machines listen' listen 2
check 'node 3, too' listen 3
halt 2
check 'letters are watched' watch_letters
sender 18 -p 2 -c 1
check 'a letter to a machine that stands still is sent several times' within 20 seen_copies 18 3
# shellcheck disable=SC2154 # `listen` sets it.
kill -CONT "$listener2"
sent 18
check 'when it goes on, the letter is answered' told_of 18 answered=1
check 'it was received once' once 2 1
unwatch_letters

halt 2
sender 19 -p 2 -c 1 -d 1
sent 19
check 'a letter whose deadline passes may have been received' told_of 19 late=1 unreachable=0 early=0
check 'letters are watched' watch_letters
sender 20 -p 2 -t 300 -c 1
check 'of 300 letters at once to a machine that stands still a window is sent' within 20 seen_letters 20 256
sender 30 -p 2 -p 3 -t 4 -c 100
check 'those to another machine go on' within 20 received_at_least 3 200
is 'and no more' "$(letters_seen 20)" 256
kill -CONT "$listener2"
sent 20
check 'when it goes on, all 300 are answered' told_of 20 answered=300
sent 30
check 'and those of the other sender' told_of 30 answered=400
unwatch_letters
is 'node 2 was given none twice' "$(received 2 | sort | uniq -d)" ''

halt 2
check 'letters are watched' watch_letters
sender 21 -p 2 -t 4 -c 1 -q stop21
check 'letters wait' within 20 seen_letters 21 4
: >stop21
sent 21
check 'a sender that is stopped goes on at once' told_of 21 canceled=4
unwatch_letters
kill -CONT "$listener2"

# --- A link that is down ----------------------------------------------------------------------------------

before=$(received 2 | wc -l)
sender 31 -p 2 -t 2 -c 100 -r 20
check 'letters arrive' within 20 received_at_least 2 $((before + 40))
kill -KILL "$alone"
ended "$alone"
check 'the only server is killed; a new one starts' nats_alone alone
sent 31
check 'all letters are answered, over the new one' told_of 31 answered=200
received 2 | grep '^31\.' >lines31
is 'and were received once' "$(sort -u lines31 | wc -l | tr -d ' ') $(wc -l <lines31 | tr -d ' ')" '200 200'
check 'node 3 leaves' leave 3

# A copy was given to the machine before it ended, so nobody can say that it did not receive the letter.
halt 2
check 'letters are watched' watch_letters
sender 32 -p 2 -c 1 -d 9
check 'a letter is sent to a machine that stands still' within 20 seen_copies 32 1
unwatch_letters
kill -KILL "$listener2"
ended "$listener2"
sent 32
check 'when the machine ends, the letter may have been received' told_of 32 late=1 unreachable=0 early=0

# --- Three servers ----------------------------------------------------------------------------------------

nats_cluster || exit 1
for number in 1 2 3; do
    nats_start $number
done
for number in 1 2 3; do
    check "server $number is ready" within "$patience" has "nats$number.log" 'Server is ready'
done
# Who is told of one server learns of the others from it.
urls=nats://127.0.0.1:$(nats_port 2)
check 'a machine listens at server 2' listen 2 -w 1
urls=nats://127.0.0.1:$(nats_port 1)
sender 22 -p 2 -t 8 -c 1000
check 'letters from server 1 arrive' within 20 received_at_least 2 1000
nats_signal KILL 1
check 'the server of the sender is killed: they go on' within 20 received_at_least 2 3000
nats_start 1
nats_signal KILL 2
check 'the server of the receiver is killed: they go on' within 20 received_at_least 2 5000
nats_start 2
nats_signal STOP 3
check 'the third one stands still: they go on' within 20 received_at_least 2 7000
nats_signal CONT 3
sent 22
check 'all letters of 8 threads are answered' told_of 22 answered=8000
check 'and were received once, in the order of their thread' once 2 8000
check 'node 2 leaves' leave 2
sed 's/^/# /' said2
check 'copies of some had come, as answers were lost' lacks said2 again=0

finish
