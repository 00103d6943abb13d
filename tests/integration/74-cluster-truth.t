#!/bin/sh
# Goal: there are never two truths. When the nats-servers have lost messages that machines have read, or the stream is
# another one, all machines notice, read it anew, and have the same people and lines again.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'a stream that has lost messages is read anew'
stream=${partyline%/*}/stream

# halt_nats: has all nats-servers end, in order, so that what they have is on the disk.
halt_nats() {
    for number in 1 2 3; do
        nats_signal TERM $number
    done
    for number in 1 2 3; do
        eval "wait \"\$nats_process$number\""
    done
}

start_nats() {
    for number in 1 2 3; do
        nats_start $number
    done
}

leads() {
    nats_leader partyline >leader
}

# read_anew COUNT: all machines have read the stream anew so many times.
read_anew() {
    for name in east west north; do
        counted "$1" "console.$name" '^The stream was read anew' || return 1
    done
}

# alike SUFFIX SENTENCE: all programs are told the same lines with the same numbers from here on.
alike() {
    for who in Eve Wes Nora; do
        say "$who" "$1"
    done
    for who in Eve Wes Nora; do
        wait_for_count 2 "$who" "\"text\":\"$1\"" 20
    done
    for who in Eve Wes Nora; do
        grep "\"text\":\"$1\"" "$who" | sed 's/,"time":"[^"]*"//' | sort >"$who.$1"
    done
    # Each is told the lines of the other two.
    sort -u Eve."$1" Wes."$1" Nora."$1" >all."$1"
    is "$2" "$(wc -l <all."$1" | tr -d ' ')" 3
}

nats_cluster || exit 1
start_nats
check 'the nats-servers are ready' within 60 nats_is_whole
servers=$(nats_urls)
keeps=
"$partyline" --version | grep -q 'with SQLite' && keeps=yes
machine east ${keeps:+--data east.db}
machine west
machine north
come Alice east
come Bob west
come_as_program Eve east
come_as_program Wes west
come_as_program Nora north
say Alice '/join ops'
wait_for Alice 'You are in #ops'
say Bob '/join ops'
told Alice '*** Bob has joined #ops ***'
say Bob 'This is kept.'
told Alice 'Bob: This is kept.'
alike first 'before, all machines have the same lines'

# --- Messages are lost ----------------------------------------------------------------------------------

halt_nats
for number in 1 2 3; do
    cp -a nats$number kept$number
done
start_nats
check 'the nats-servers are back' within 40 leads
alike lost 'and lines go around'
say Bob 'This is lost.'
check 'in all rooms' told Alice 'Bob: This is lost.'
say Alice '/topic Lost, too'
told Bob 'has set the topic: Lost, too'
say Alice '/ignore Wes'
wait_for Alice 'You ignore Wes'
come Lost west
told Alice '*** Lost has joined the chat ***'
say Lost '/msg Bob psst'
told Bob '[private] Lost: psst'
halt_nats
for number in 1 2 3; do
    rm -r nats$number
    cp -a kept$number nats$number
done
start_nats
check 'with an older copy of what they had, all machines read it anew' within 60 read_anew 1
check 'and say why' has console.east 'The stream has lost messages: '
check 'people come in anew' wait_for_count 1 Alice '^\*\*\* Welcome, Alice\.' 20
check 'on all machines' wait_for_count 1 Bob '^\*\*\* Welcome, Bob\.' 20
check 'whoever they are' wait_for_count 1 Lost '^\*\*\* Welcome, Lost\.' 20
check 'in their rooms' wait_for_count 2 Alice 'You are in #ops' 20
check 'all of them' wait_for_count 2 Bob 'You are in #ops' 20
alike again 'the machines have the same lines again'
say Bob /topic
check 'what was lost is so everywhere' wait_for Bob '#ops has no topic'
say Bob /reply
say Bob '/reply what?'
check 'nobody is taken for somebody else' wait_for Bob '*** Lost has left. ***'
say Bob '/msg Alice All is well.'
check 'private messages arrive' told Alice '[private] Bob: All is well.'
say Alice '/who'
check 'and everybody is there once' wait_for Alice '*** 2 here: ***'
# Otto asks for her name. As long as the bucket of accounts has no leader again, it cannot be looked up.
is_refused() {
    for try in 1 2 3 4; do
        say Otto Alice
        wait_for_count "$try" Otto 'cannot be looked up|Alice' 15
        ! has Otto Alice || return 0
    done
    return 1
}
connect Otto 127.0.0.1 "$(cat port.north)"
check 'names are taken' is_refused
check 'on all machines' lacks Otto Welcome

# --- Somebody says that he has read something else -----------------------------------------------------

# claim PORT READING: publishes a message whose publisher has read that.
claim() {
    perl -MIO::Socket::INET -e '
        my ($port, $reading) = @ARGV;
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or exit 1;
        my $headers = "NATS/1.0\r\nPartyline-Read: $reading\r\n\r\n";
        my $length = length $headers;
        print $socket "CONNECT {\"verbose\":false,\"headers\":true}\r\n";
        printf $socket "HPUB partyline.events answer %d %d\r\n%sHello\r\nPING\r\n", $length, $length + 5, $headers;
        alarm 3;
        while (<$socket>) { exit 0 if /^PONG/ }
        exit 1' "$1" "$2"
}
check 'somebody claims to have read something else' claim "$(nats_port 1)" '5 1 1'
check 'that is read' wait_for console.east 'of the stream is left out: it is not from a partyline' 20
check 'as by all' wait_for console.north 'of the stream is left out: it is not from a partyline' 20
alike claimed 'and all machines go on'
check 'as nothing was lost' read_anew 1

# --- The stream is removed, and made anew --------------------------------------------------------------

# remove_stream PORT: asks for it until it is answered that it is done: whoever leads the nats-servers may be unknown yet.
remove_stream() {
    perl -MIO::Socket::INET -e '
        my ($port) = @ARGV;
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or exit 1;
        print $socket "CONNECT {\"verbose\":false}\r\nSUB answer 1\r\n";
        print $socket "PUB \$JS.API.STREAM.DELETE.partyline answer 0\r\n\r\n";
        alarm 5;
        while (<$socket>) { exit 0 if /"success":true|"err_code":10059\b/; exit 1 if /"error"/ } # or there is none
        exit 1' "$1"
}
downs=$(grep -c 'The link to the other machines is down' Alice)
check 'the stream is removed' within 40 remove_stream "$(nats_port 1)"
check 'people are told' wait_for_count $((downs + 1)) Alice 'The link to the other machines is down' 40
"$stream" "$servers" partyline >said 2>told.stream
is 'it is made anew' $? 0
check 'all machines read it' within 60 read_anew 2
check 'people come in anew' wait_for_count 2 Alice '^\*\*\* Welcome, Alice\.' 20
check 'on all machines' wait_for_count 2 Bob '^\*\*\* Welcome, Bob\.' 20
check 'in their rooms' wait_for_count 3 Alice 'You are in #ops' 20
check 'all of them' wait_for_count 3 Bob 'You are in #ops' 20
alike anew 'and all machines have the same lines'
if [ -n "$keeps" ]; then
    say Alice '/search anew'
    check 'which are found again' wait_for_match Alice '^#lobby \[[0-9:]*\] Eve: anew$' 20
    say Alice '/search claimed'
    check 'and those of the former stream are not' wait_for Alice 'Nobody has said that' 20
else
    skip 'what was said is found again' 'this build lacks SQLite'
fi
for name in east west north; do
    check "$name stops in order" machine_stop $name
done
finish
