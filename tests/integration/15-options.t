#!/bin/sh
# Goal: every option takes what it says and nothing else; what is wrong is named on standard error, and
# the status is 2.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# refuses OPTION VALUE
refuses() {
    try "$partyline" --listen 127.0.0.1:0 "$1=$2"
    is "$1 '$2' is refused with status 2" "$status" 2
    check "the error names $1, the value '$2' and what is allowed" one_error "$1" "$2"
}
one_error() {
    [ ! -s try.out ] && [ "$(count try.err '^partyline: ')" -eq 1 ] &&
        sed -n 1p try.err | grep -F -e "$1" | grep -F -e "'$2'" |
        grep -qE '^partyline: .*from [0-9.]+ to [0-9]+$'
}

for option in --idle-timeout --login-timeout --max-clients --max-per-host --max-line --rate --sendq \
    --drain-timeout --presence-limit --grace --retain; do
    for value in 5x -1 '' 99999999999999999999 ' 5' '5 ' 0x10 five; do
        refuses "$option" "$value"
    done
done
refuses --drain-timeout nan
refuses --drain-timeout inf
refuses --drain-timeout 1.5.2
refuses --idle-timeout 1.5
refuses --max-clients 0

# refuses_address ADDRESS
refuses_address() {
    try "$partyline" --listen "$1"
    is "--listen '$1' is refused with status 2" "$status" 2
    check "the error names --listen, '$1' and what is allowed" address_error "$1"
}
address_error() {
    sed -n 1p try.err | grep -F -e "$1" | grep -F -e PORT | grep -q '^partyline: .*--listen'
}
refuses_address ''
refuses_address 127.0.0.1
refuses_address 127.0.0.1:
refuses_address 127.0.0.1:65536
refuses_address 127.0.0.1:-1
refuses_address 127.0.0.1:80x
refuses_address '[::1'
refuses_address unix:

# mistaken COMPLAINT [ARGUMENT...]: the command line is refused with these words.
mistaken() {
    complaint=$1
    shift
    try "$partyline" "$@"
    is "partyline $* is refused with status 2" "$status" 2
    is 'and the error begins with the name of the program' "$(cat try.err)" "partyline: $complaint
Try 'partyline --help'."
}
mistaken "'--no-such-option' is not an option" --no-such-option
mistaken "'-z' is not an option" -z
mistaken "'--max' is the beginning of several options: --max-clients, --max-per-host, --max-line, --max-rooms" --max 5
mistaken "'--lisen' is not an option; --listen may be meant" --lisen 8888
mistaken "'stray' is not an option" stray
mistaken '--log FILE: the value is missing' --log
mistaken '--idle-timeout SECONDS: the value is missing' -t
mistaken '--quiet takes no value' --quiet=yes

for option in -V --version; do
    try "$partyline" $option
    is "$option ends with status 0" "$status" 0
    check "$option says which version this is, in one line" matches try.out '^partyline [0-9][^ ]* \(with.*\)$'
done
for option in -h --help; do
    try "$partyline" $option
    is "$option ends with status 0" "$status" 0
    is "$option says nothing on standard error" "$(cat try.err)" ''
    for named in -l --listen --telnet -t --idle-timeout --login-timeout -m --max-clients --max-per-host --max-line \
        --rate --sendq --drain-timeout --presence-limit --grace --log --data --retain -q --quiet --no-welcome -V --version \
        -h --help; do
        check "$option explains $named" matches try.out "(^|[ ,])$named([ ,=]|\$)"
    done
done

start -t 100 --login-timeout 0 -m 10 --max-per-host 10 --max-line 512 --rate 100 --sendq 200000 \
    --drain-timeout 0.5 --presence-limit 10 --grace 1 -q --log events
check 'every option can be given, and the server serves' serves
check 'the server stops' stop
start --idle-timeout 0 --max-per-host 0 --rate 0 --drain-timeout 0
check 'nothing is wrong with 0 where it means never or no limit' serves

try "$partyline" --listen "127.0.0.1:$port"
is 'a port that is in use is an error with status 1' "$status" 1
check 'the error names the address and the cause' matches try.err \
    "^partyline: cannot listen on 127\\.0\\.0\\.1:$port: $(wording EADDRINUSE); another program listens there: end it, or choose another port\$"
is 'in one line' "$(count try.err '')" 1
is 'nothing claims to run then' "$(cat try.out)" ''
check 'the server that has the port still serves' serves

finish
