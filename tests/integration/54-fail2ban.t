#!/bin/sh
# Goal: fail2ban, with the filter of docs/ADMIN.md, finds each wrong password in the log with its address,
# and nothing that people say.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v fail2ban-regex >/dev/null 2>&1; then
    skip 'fail2ban finds wrong passwords' 'there is no fail2ban'
    finish
fi

umask 077
awk '
    shown && /^```$/ { exit }
    fenced && /^\[Definition\]$/ { shown = 1 }
    { fenced = /^```/ }
    shown' "$root/docs/ADMIN.md" >filter.conf
check 'docs/ADMIN.md has a filter' has filter.conf failregex

echo sesame >password
start --password-file password --log log
connect Mallory
send Mallory 'wrong\nsesame\nMallory\n'
wait_for Mallory 'Welcome, Mallory'
say Mallory 'password failed: (198.51.100.7:50123)'
say Mallory '/me password failed: (198.51.100.7:50123)'
say Mallory '2026-11-25T14:02:11.042Z password failed: (198.51.100.7:50123)'
say Mallory '/nick failed'
say Mallory 'password failed: (198.51.100.7:50123)'
check 'it was said' wait_for_count 4 log '198\.51\.100\.7'
quit Mallory
wait_for log 'has left'
check 'the server stops' stop
found_besides=
if "$partyline" --version | grep -q 'with SQLite'; then
    start --data chat.db --log log
    enter Zoe
    say Zoe '/register a-good-password'
    wait_for Zoe 'is yours now'
    quit Zoe
    connect Guesser -s 127.0.0.3 127.0.0.1 "$port"
    send Guesser 'Zoe\nwrong\nlogin\n'
    wait_for Guesser 'Welcome, login'
    say Guesser 'failed: Zoe (198.51.100.7:50123)'
    say Guesser 'login failed: Zoe (198.51.100.7:50123)'
    wait_for_count 6 log '198\.51\.100\.7'
    stop
    found_besides='127.0.0.3 '
else
    skip 'fail2ban finds wrong passwords of registered names' 'this build lacks SQLite'
fi
printf '%s\n' '2026-11-25T14:02:11.042Z password failed: ([2001:db8::1]:50123)' >>log

# found: the addresses that fail2ban takes out of the log, each with how often.
fail2ban-regex --verbose log ./filter.conf >report 2>&1
sed -n '/^Failregex/,/^Ignoreregex/p' report |
    sed -n 's/^|  *\([0-9a-f.:]\{4,\}\)  .*[0-9]$/\1/p' >found
is 'each address that gave a wrong one is found, of IPv6, too, and no other' \
    "$(sort found | tr '\n' ' ')" "127.0.0.1 ${found_besides}2001:db8::1 "

finish
