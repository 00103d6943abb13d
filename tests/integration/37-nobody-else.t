#!/bin/sh
# Goal: who speaks to an empty room is told, once until somebody has come; nobody is told whom somebody
# could hear.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --listen 127.0.0.1:0 --telnet 127.0.0.1:0
telnet_port=$(sed -n 's/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)

enter Alice
send Alice 'Hello?\n\n   \nAnybody?\n/me waits\n'
say Alice /who
wait_for Alice '1 here'
is 'who speaks alone is told so, once' "$(sed -e 1d -e '/, idle /d' Alice | tr '\n' '|')" \
    '*** Nobody else is here. ***|*** 1 here: ***|'
enter Bob
say Alice 'Welcome, Bob.'
check 'who is heard by somebody is heard' wait_for Bob 'Alice: Welcome, Bob.'
say Bob 'Hi.'
wait_for Alice 'Bob: Hi.'
check 'and told nothing' counted 1 Alice 'Nobody else'
check 'nor is who answers' lacks Bob 'Nobody else'
leave Bob
wait_for Alice 'Bob has left'
send Alice '/me waves\nStill there?\n'
check 'who is alone again is told again' wait_for_count 2 Alice '^\*\*\* Nobody else is here\. \*\*\*$'
quit Alice
check 'and once' counted 2 Alice 'Nobody else'

enter Mute
quit Mute
check 'who says nothing is told nothing' lacks Mute 'Nobody else'
enter Lurker
say Lurker '/msg Lurker Hi.'
wait_for Lurker '[private] Lurker: Hi.'
quit Lurker
check 'nor is who talks privately' lacks Lurker 'Nobody else'

printf 'Backup\nThe nightly backup is done.\n' | nc -N 127.0.0.1 "$port" >Backup &
ended $!
is 'a script is told, too, behind its line' "$(tail -n 1 Backup)" '*** Nobody else is here. ***'
check 'and its line is in the log' wait_for console 'Backup: The nightly backup is done.'

# At a terminal: DO SGA, DO ECHO from the client.
connect Ann 127.0.0.1 "$telnet_port"
send Ann '\377\375\003\377\375\001Ann\r\0Hello?\r\0'
check 'at a terminal it is told as well' wait_for Ann 'Nobody else is here. ***'
below() {
    perl -0777 -e '
        open my $all, "<", $ARGV[0] or die;
        exit(<$all> !~ /: Hello\?.*\n.*Nobody else is here\./)' Ann
}
check 'below the line that nobody heard' below
quit Ann

finish
