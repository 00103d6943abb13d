#!/bin/sh
# Goal: with --password-file everybody is asked for the password before the name; it is in no log; wrong
# ones slow down the address that they come from, and nobody else.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

umask 077
echo 'open sesame' >password
start --password-file password --log log
connect Alice
check 'who comes is asked for the password' wait_for Alice 'Password: '
say Alice 'hunter1'
say Alice 'open sesame'
check 'and for a name once it was right' wait_for Alice 'Enter your name: '
say Alice Alice
same 'the answers are these' Alice "\
Password: *** That is not the password. ***\nPassword: Enter your name: \
*** Welcome, Alice. Type /help for commands. Here now: nobody else. ***\n"
check 'the wrong one is in the log, with its address' wait_for_match log \
    '^[^ ]+ password failed: \(127\.0\.0\.1:[0-9]+\)$'
is 'but not what it was' "$(grep -cE 'hunter|sesame' log console | tr '\n' ' ')" 'log:0 console:0 '

send_script() {
    printf 'open sesame\nScript\nThe backup is done.\n' | nc -N 127.0.0.1 "$port" >script.out
}
check 'a script sends it as its first line' send_script
check 'and is heard' wait_for Alice 'Script: The backup is done.'

# The five attempts take a while; somebody from elsewhere comes meanwhile.
connect Mallory
send Mallory 'x\nx\nx\nx\nx\nopen sesame\nMallory\n'
wait_for Mallory 'That is not the password'
elsewhere=
if nc -z -s 127.0.0.2 127.0.0.1 "$port" 2>/dev/null; then
    elsewhere='-s 127.0.0.2'
    connect Bob -s 127.0.0.2 127.0.0.1 "$port"
    send Bob 'open sesame\nBob\n'
    check 'who comes from another address does not wait for wrong ones' wait_for Alice \
        'Bob has joined'
    check 'while those wait for each other' [ "$(count Mallory 'That is not the password')" -lt 5 ]
else
    skip 'who comes from another address does not wait for wrong ones' 'there is no second address'
fi
check 'five are allowed' wait_for_count 5 Mallory 'That is not the password' 40
check 'and then the connection is closed' closed Mallory
is 'without a sixth prompt' "$(grep -o 'Password: ' Mallory | wc -l | tr -d ' ')" 5
check 'Mallory was never here' lacks log 'Mallory'

connect Carol
wait_for Carol 'Password: '
say Carol /QUIT
same '/quit leaves' Carol 'Password: *** Goodbye. ***\n'

echo 'another one' >password
kill -HUP "$server"
knows_it() {
    # shellcheck disable=SC2086 # Two words, or none.
    printf 'another one\n/quit\n' | nc -N $elsewhere 127.0.0.1 "$port" >again
    has again 'Enter your name: '
}
check 'SIGHUP reads the password again' within 60 knows_it
: >password
kill -HUP "$server"
check 'a file without one is in the log' wait_for_match console \
    '^Cannot read the file of --password-file again: the first line must be 1 to 255 bytes of text in UTF-8\. What was read before stays\.$'
check 'and the old one stays' within 60 knows_it
check 'the server stops' stop
is 'nothing is on standard error' "$(cat errors)" ''

echo secret >password
chmod 644 password
start --password-file password
check 'a file that everybody can read is warned of' has_line errors \
    'partyline: --password-file: everybody here can read password (chmod o-r would end that)'
check 'the server stops' stop

try "$partyline" --listen 127.0.0.1:0 --password-file nowhere/password
is 'a file that cannot be read is an error, with status 1' "$status" 1
check 'which names the option, the file and the cause' matches try.err \
    "^partyline: --password-file: cannot read nowhere/password: $(wording ENOENT)\$"
: >password
try "$partyline" --listen 127.0.0.1:0 --password-file password
is 'an empty file is an error, with status 1' "$status" 1
check 'which says what is wanted' has_line try.err \
    'partyline: --password-file: cannot read password: the first line must be 1 to 255 bytes of text in UTF-8'

finish
