#!/bin/sh
# Goal: behind a proxy that speaks the PROXY protocol, people are who the proxy says: in the log, for
# bans and for the limit per address. What has no such header is turned away, in time and logged once.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"

# address_of SPOKEN: where the server listens for those.
address_of() {
    sed -n "s/^Chat server running on \\([^ ]*\\) ($1)\$/\\1/p" console
}

start --listen 127.0.0.1:0 --listen lines+proxy://127.0.0.1:0 --listen machine+proxy://127.0.0.1:0 \
    --max-per-host 2 --login-timeout 8
check 'the console names what is spoken at each address' matches console \
    '^Chat server running on 127\.0\.0\.1:[0-9]+ \(lines\+proxy\)$'
proxied=$(address_of 'lines+proxy')
proxied=${proxied##*:}
machines=$(address_of 'machine+proxy')

# by_proxy CLIENT HEADER: a client whose connection begins with what printf makes of the header.
by_proxy() {
    connect "$1" 127.0.0.1 "$proxied"
    send "$1" "$2"
}
# comes_from CLIENT ADDRESS: comes in, from there in the eyes of the log.
comes_from() {
    say "$1" "$1"
    joined "$1" && wait_for console "$1 ($2"
}

by_proxy Alice 'PROXY TCP4 203.0.113.9 192.0.2.1 50512 8888\r\n'
check 'a header of version 1 tells who somebody is' comes_from Alice 203.0.113.9:50512
by_proxy Bob 'PROXY TCP6 2001:db8::7 2001:db8::1 50513 8888\r\n'
check 'also with IPv6' comes_from Bob '[2001:db8::7]:50513'
v2='\r\n\r\n\000\r\nQUIT\n'
by_proxy Carol "$v2"'\041\021\000\014\313\000\161\012\300\000\002\001\305\120\042\270'
check 'a header of version 2 does' comes_from Carol 203.0.113.10:50512
by_proxy Dave 'PROXY UNKNOWN\r\n'
check 'who is not told is the proxy itself' comes_from Dave 127.0.0.1:
by_proxy Erin "$v2"'\040\000\000\000'
check 'so is the proxy that asks whether the server is there' comes_from Erin 127.0.0.1:
connect Frank 127.0.0.1 "$proxied"
send Frank 'PROXY TCP4 203.'
send Frank '0.113.11 192.0.2.1 1 2\r\nFrank\nfirst words\n'
check 'a header in pieces, with words behind it in the same piece, is read, and they are too' \
    told Alice 'Frank: first words'
say Alice 'Talk goes on.'
check 'they talk with each other' told Carol 'Alice: Talk goes on.'

by_proxy Alice2 'PROXY TCP4 203.0.113.9 192.0.2.1 50514 8888\r\n'
check 'a second one from an address' comes_from Alice2 203.0.113.9:50514
by_proxy Alice3 'PROXY TCP4 203.0.113.9 192.0.2.1 50515 8888\r\n'
check 'the limit per address counts the real addresses' told Alice3 '*** Too many connections from your address. ***'
check 'and the log names them' wait_for console \
    '203.0.113.9:50515 was refused: too many connections from its address'
hang_up Alice2
check 'a place becomes free' wait_for console 'Alice2 (203.0.113.9:50514) has left'
# place_is_free: the log tells of who goes a moment before their place is free.
place_is_free() {
    by_proxy Alice4 'PROXY TCP4 203.0.113.9 192.0.2.1 50516 8888\r\n'
    say Alice4 Alice4
    wait_for_match Alice4 'Welcome, Alice4\. |Too many connections'
    has Alice4 '*** Welcome, Alice4. '
}
check 'for the next one' within "$patience" place_is_free

for header in 'GET / HTTP/1.1\r\n' 'PROXY TCP4 203.0.113 192.0.2.1 1 2\r\n' "$v2"'\061\021\000\000' '\026\003\001'; do
    before=$(count console 'header of the PROXY protocol is malformed, or missing')
    by_proxy Mallory "$header"
    check "what begins with $header is turned away" closed Mallory
    is 'without a word' "$(wc -c <Mallory)" 0
    check 'and the log tells it' \
        wait_for_count $((before + 1)) console 'header of the PROXY protocol is malformed, or missing'
done
connect Silent 127.0.0.1 "$proxied"
check 'who sends no header is turned away in time' wait_for console \
    'was refused: no header of the PROXY protocol has come in time' 30
connect Slow 127.0.0.1 "$proxied"
(
    while printf 'P' >Slow.in; do
        sleep 0.1
        printf 'ROXY UNKNOWN xx' >Slow.in
        sleep 0.1
    done
) 2>/dev/null &
check 'who sends a long one is turned away' wait_for_match console 'was refused: .*PROXY protocol' 30
hang_up Slow
hang_up Silent

connect Robot 127.0.0.1 "${machines##*:}"
send Robot 'PROXY TCP4 203.0.113.12 192.0.2.1 1 2\r\nRobot\n'
check 'a program behind a proxy is sent JSON' wait_for Robot '"type":"welcome"'
check 'and is who the proxy says' wait_for console 'Robot (203.0.113.12:1) has joined'

if command -v haproxy >/dev/null 2>&1; then
    front=$(free_ports 1)
    # comes_by_haproxy NAME: the places of who looked whether it listens, and of who came before, may not be free yet.
    comes_by_haproxy() {
        connect "$1" 127.0.0.1 "$front"
        say "$1" "$1"
        wait_for_match "$1" "Welcome, $1\\. |Too many connections"
        has "$1" "*** Welcome, $1. "
    }
    for version in '' -v2; do
        cat >haproxy.cfg <<END
defaults
    mode tcp
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend chat
    bind 127.0.0.1:$front
    default_backend partyline
backend partyline
    server one 127.0.0.1:$proxied send-proxy$version
END
        haproxy -db -f haproxy.cfg >haproxy.out 2>&1 &
        proxy=$!
        within 10 nc -z 127.0.0.1 "$front"
        check "a real haproxy with send-proxy$version lets somebody in" within "$patience" comes_by_haproxy "Hap$version"
        check 'as who is at its other side' wait_for_match console "^Hap$version \\(127\\.0\\.0\\.1:[0-9]+\\) has joined"
        kill -TERM $proxy
        ended $proxy
    done
else
    skip 'a real haproxy' 'no haproxy here'
fi

# Who has come late has the whole time for each answer to a prompt, as everybody has.
stop
start --listen 127.0.0.1:0 --listen lines+proxy://127.0.0.1:0 --login-timeout 12
proxied=$(address_of 'lines+proxy')
proxied=${proxied##*:}
connect Late 127.0.0.1 "$proxied"
sleep 7
send Late 'PROXY UNKNOWN\r\n'
say Late 'no name'
wait_for Late 'A name cannot contain blanks.'
sleep 6
say Late Late
check 'a late header leaves the time for the answers behind the first one as it is' joined Late

# Who is accepted after it shows that the silent one is waited for.
connect Silent 127.0.0.1 "$proxied"
by_proxy Last 'PROXY UNKNOWN\r\n'
say Last Last
joined Last
check 'the server stops, whoever has sent no header' stop
check 'and tells the others' told Last '*** The server is shutting down. ***'
check 'and blames no proxy for that' lacks console 'was refused'
finish
