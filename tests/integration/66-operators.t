#!/bin/sh
# Goal: operators keep order in the whole chat: they kick, ban by name, address and prefix, mute, close the door to strangers, and
# speak to all; with --data that outlives the server, and the log says who has done it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"

# on_screen PERSON TEXT: some row of the screen has it.
on_screen() {
    screen "$1" | grep -qF -- "$2"
}

# enter_from ADDRESS NAME: comes from an address of the loopback interface.
enter_from() {
    enter "$2" -s "$1" 127.0.0.1 "$port"
}

# refused CLIENT LINE [ARGUMENT OF NC...]: whoever connects is sent that line and nothing else.
refused() {
    refused_line=$2
    refused_client=$1
    shift 2
    connect "$refused_client" "$@"
    told "$refused_client" "$refused_line" && lacks "$refused_client" 'Enter your name'
}

# log_has EXPRESSION: some line of the log is that.
log_has() {
    wait_for_match console "^$1\$"
}

password='a password of hers'
date='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC'
peer='127\.0\.0\.[0-9]+:[0-9]+'

# start_here: the server, with its data file, and with an address of IPv6 if there are any.
start_here() {
    # shellcheck disable=SC2086 # None or two words.
    start --data chat.db --operator Olga --listen 127.0.0.1:0 $listen6 --telnet 127.0.0.1:0
    port6=$(sed -n 's/^Chat server running on \[::1\]:\([0-9]*\)$/\1/p' console)
    telnet_port=$(sed -n 's/^Chat server running on .*:\([0-9]*\) (telnet)$/\1/p' console)
}

if ! "$partyline" --version | grep -q 'with SQLite'; then
    skip 'operators keep order' 'this build has no SQLite'
    finish
fi
listen6=
if perl -MSocket=:all -e '
        socket(my $socket, PF_INET6, SOCK_STREAM, 0) or exit 1;
        bind($socket, pack_sockaddr_in6(0, inet_pton(AF_INET6, "::1"))) or exit 1'; then
    listen6='--listen [::1]:0'
fi
start_here
enter Olga
say Olga "/register $password"
told Olga '*** The name Olga is yours now. ***'
enter_from 127.0.0.2 Bob
enter_from 127.0.0.3 Carol
seat Tess 80 24 telnet 127.0.0.1 "$telnet_port"
ends Tess 'Enter your name:'
type_in Tess 'Tess'
press Tess Enter
ends Tess 'Tess>'
connect Robot
say Robot '/machine on'
say Robot Robot
wait_for Robot '"type":"welcome"'
wait_for Olga 'Robot has joined'

# --- What is theirs -----------------------------------------------------------------------------------

say Bob '/kick Carol'
check 'who is no operator kicks nobody' told Bob \
    '*** You have not made #lobby, and only operators keep order in other rooms. ***'
for command in '/ban Carol' '/unban Carol' /bans '/wall hi' '/lockdown on' /nodes; do
    say Bob "$command"
done
check 'nor does it ban or close the door' wait_for_count 6 Bob '^\*\*\* Only operators may do that\. \*\*\*$'
say Bob /help
told Bob '*** //TEXT: say /TEXT ***'
check 'it is not shown how' lacks Bob ' /ban'
say Olga '/help order'
check 'an operator is' wait_for_match Olga '^\*\*\* Order: .*/ban'
say Bob '/join den'
told Bob '*** You are in #den. Here now: nobody else. ***'
say Olga '/join den'
told Bob '*** Olga has joined #den ***'
say Bob '/kick Olga'
check 'no owner of a room kicks an operator' told Bob '*** Olga is an operator, who keeps order here. ***'
say Olga '/topic order'
say Olga '/room hidden'
check 'an operator changes the room of another one' told Bob '*** Olga has hidden this room ***'
say Olga '/leave den'
say Bob '/leave den'
told Bob '*** You have left #den. You are in #lobby. ***'
say Olga '/room hidden'
check 'but not who comes into the lobby' told Olga '*** Everybody comes into #lobby, so it stays open. ***'

# --- Kicks --------------------------------------------------------------------------------------------

say Olga '/kick bob that is enough'
check 'who is kicked is told by whom, and why' told Bob '*** You have been kicked by Olga: that is enough ***'
check 'and is out' closed Bob
check 'the operator is told' told Olga '*** Bob is kicked. ***'
check 'and the others' told Carol '*** Bob has been kicked by Olga: that is enough ***'
check 'a terminal shows it' within "$patience" on_screen Tess '*** Bob has been kicked by Olga: that is enough ***'
check 'a program is sent it' wait_for_match Robot '"type":"kick",("time":"[^"]*",)?"name":"Bob","by":"Olga","text":"that is enough"'
settle Carol
is 'it is not told that he has left' "$(count Carol 'Bob has left')" 0
enter_from 127.0.0.2 Bob
check 'who was kicked may come back' told Carol '*** Bob has joined the chat ***'
say Olga "/kick Bob $(printf 'a\033[2Jb\007\177c')"
check 'a reason is cleaned' told Carol '*** Bob has been kicked by Olga: abc ***'
enter_from 127.0.0.2 Bob
say Olga "/kick Bob $(printf '%0400d' 0)"
check 'and has a length' told Carol "*** Bob has been kicked by Olga: $(printf '%0200d' 0) ***"
say Olga '/kick Nemo'
check 'nobody is kicked who is not there' told Olga '*** There is no one here called Nemo. ***'
say Olga '/kick olga'
check 'nor oneself' told Olga '*** That is you. /leave leaves a room, /quit the chat. ***'
say Olga '/kick Robot "noise"'
check 'a program is told with its last object' wait_for Robot '{"type":"bye","code":"kicked","text":"You have been kicked by Olga: \"noise\""}'
enter_from 127.0.0.2 Bob

# --- Bans ---------------------------------------------------------------------------------------------

say Olga /bans
check 'at first nobody is banned' told Olga '*** Nobody is banned or muted. ***'
say Olga '/ban Bob 2h rude'
check 'a name is banned, with its address' wait_for_match Olga "^\*\*\* Banned until $date: Bob and 127\.0\.0\.2 \*\*\*\$"
check 'who has it is told until when' wait_for_match Bob "^\*\*\* You are banned until $date: rude \*\*\*\$"
check 'and is out' closed Bob
check 'the others are told' told Carol '*** Bob has been kicked by Olga: rude ***'
until=$(sed -n 's/^\(\*\*\* You are banned.*\)$/\1/p' Bob)
check 'the address is refused before the prompt' refused Late "$until" -s 127.0.0.2 127.0.0.1 "$port"
check 'its neighbour is not' enter_from 127.0.0.9 Neighbour
connect Again -s 127.0.0.9 127.0.0.1 "$port"
wait_for Again 'Enter your name:'
say Again B0b
check 'the name is refused, and what looks like it' wait_for_match Again "You are banned until $date: rude \*\*\*\$"
leave Again
say Carol '/nick BOB'
check 'nobody takes it' told Carol '*** The name BOB is banned. ***'
say Olga '/ban 127.0.0.4/30'
check 'a prefix is banned for ever' told Olga '*** Banned: 127.0.0.4/30 ***'
check 'who comes from there is refused' refused There '*** You are banned ***' -s 127.0.0.7 127.0.0.1 "$port"
check 'who comes from next to it is not' enter_from 127.0.0.8 Eight
say Olga /bans
check 'all are listed' wait_for_match Olga "^\*\*\* Banned until $date: Bob, by Olga: rude \*\*\*\$"
check 'with their addresses' wait_for_match Olga "^\*\*\* Banned until $date: 127\.0\.0\.2, by Olga: rude \*\*\*\$"
check 'and prefixes' told Olga '*** Banned: 127.0.0.4/30, by Olga ***'
say Olga '/unban 127.0.0.5'
check 'a part of a prefix is not lifted' told Olga '*** There is no ban of 127.0.0.5, but one of 127.0.0.4/30. ***'
say Olga '/unban 127.0.0.4/30'
check 'a prefix is' told Olga '*** The ban of 127.0.0.4/30 is lifted. ***'
say Olga '/unban bob'
check 'a name is, and it is told that its address is not' told Olga \
    '*** The ban of Bob is lifted. One of 127.0.0.2 holds: /unban 127.0.0.2 ***'
say Olga '/unban 127.0.0.2'
check 'then that, too' told Olga '*** The ban of 127.0.0.2 is lifted. ***'
say Olga '/unban Bob'
check 'once' told Olga '*** There is no ban of Bob. ***'
check 'they may come again' enter_from 127.0.0.2 Bob
say Olga '/ban Olga'
check 'nobody bans their own name' told Olga '*** That is your own name, or looks like it. ***'
say Olga '/ban 127.0.0.0/8'
check 'nor their own address' told Olga '*** That is your own address, or has it in it. ***'
for address in 192.0.2.7/33 192.0.2.256 2001:db8::/129 2001:db8::g; do
    say Olga "/ban $address"
done
check 'what seems to be an address and is none bans no name' wait_for_count 4 Olga '^\*\*\* That is no address\.'
say Olga '/ban Bob 2'
check 'a number without a unit is no duration' wait_for Olga '*** A duration is a number'
say Olga '/ban Bob 2hours'
check 'nor is one with a unit that is none' wait_for_count 2 Olga '^\*\*\* A duration is a number'
say Olga '/ban Bob 3651d'
check 'nor is one that is too long' wait_for_count 3 Olga '^\*\*\* A duration is a number'
say Olga '/ban'
check 'somebody is to be named' told Olga '*** Usage: /ban NAME|ADDRESS[/PREFIX] [DURATION] [REASON] ***'
say Olga '/ban Nemo 3650d'
check 'a name may be banned before it comes' wait_for_match Olga "^\*\*\* Banned until $date: Nemo \*\*\*\$"
say Olga '/unban Nemo'
told Olga '*** The ban of Nemo is lifted. ***'
# banned_for SECONDS: what is told of a ban that begins now. A minute that has begun counts as a whole one.
banned_for() {
    perl -MPOSIX -MTime::HiRes=time -e \
        'print strftime("*** Banned until %Y-%m-%d %H:%M UTC: Nemo ***", gmtime(60 * ceil((time() + $ARGV[0]) / 60)))' "$1"
}
durations=
for duration in 30s:30 10m:600 2h:7200 7d:604800 4w:2419200; do
    before=$(banned_for "${duration#*:}")
    say Olga "/ban Nemo ${duration%:*}"
    settle Olga
    if has_line Olga "$before" || has_line Olga "$(banned_for "${duration#*:}")"; then
        durations="$durations${duration%:*} "
    fi
    say Olga '/unban Nemo'
done
is 'a duration is of seconds, minutes, hours, days or weeks' "$durations" '30s 10m 2h 7d 4w '
settle Olga
if [ -n "$port6" ]; then
    enter Ivy ::1 "$port6"
    say Olga '/ban Ivy 1m flood'
    check 'of IPv6 the /64 is banned' wait_for_match Olga "^\*\*\* Banned until $date: Ivy and ::/64 \*\*\*\$"
    check 'who comes by it is told' wait_for_match Ivy "^\*\*\* You are banned until $date: flood \*\*\*\$"
    until=$(sed -n 's/^\(\*\*\* You are banned.*\)$/\1/p' Ivy)
    check 'and refused before the prompt' refused Ivan "$until" ::1 "$port6"
    say Olga '/unban Ivy'
    told Olga '*** The ban of Ivy is lifted. One of ::/64 holds: /unban ::/64 ***'
    say Olga '/unban ::/64'
    told Olga '*** The ban of ::/64 is lifted. ***'
    say Olga '/ban ::/63 1m'
    check 'and so is a prefix' wait_for_match Olga "^\*\*\* Banned until $date: ::/63 \*\*\*\$"
    check 'from which nobody comes in' refused Iris "$(sed -n 's/^\*\*\* Banned\( until .* UTC\): ::\/63 \*\*\*$/*** You are banned\1 ***/p' Olga)" \
        ::1 "$port6"
    say Olga '/unban ::/63'
    told Olga '*** The ban of ::/63 is lifted. ***'
else
    skip 'addresses of IPv6 are banned' 'no IPv6 here'
fi

# --- Mutes and bans while somebody is asked for a password --------------------------------------------

enter_from 127.0.0.5 Nora
say Nora "/register $password"
told Nora '*** The name Nora is yours now. ***'
quit Nora
enter_from 127.0.0.5 Dan
say Dan '/nick Nora'
wait_for Dan 'Password: '
say Olga '/mute Dan'
told Olga '*** Dan is muted. ***'
say Dan "$password"
check 'who is muted before the password is given keeps the name, too' wait_for Dan '*** You are muted, and keep your name. ***'
say Olga '/unmute DAN'
told Olga '*** Dan is not muted any more. ***'
say Dan '/nick Nora'
wait_for_count 2 Dan 'Password: '
say Olga '/ban Nora'
told Olga '*** Banned: Nora ***'
say Dan "$password"
check 'and a name that is banned meanwhile is not taken' wait_for Dan '*** The name Nora is banned. ***'
quit Dan
say Olga '/unban Nora'
told Olga '*** The ban of Nora is lifted. ***'
connect Nell 127.0.0.1 "$port"
say Nell Nora
wait_for Nell 'Password: '
say Olga '/ban Nora spam'
settle Olga
say Nell "$password"
check 'nor does anybody come in under it' wait_for Nell '*** You are banned: spam ***'
say Olga '/unban Nora'
settle Olga
is 'of which others see nothing' "$(count Olga 'Nora has joined')" 1

# --- Mutes --------------------------------------------------------------------------------------------

say Bob '/join bobs'
wait_for Bob 'You are in #bobs'
say Carol '/join bobs'
wait_for Carol 'You are in #bobs'
say Bob /away
told Bob '*** You are away. What you say next ends it. ***'
say Olga '/mute Bob'
check 'somebody is muted' told Olga '*** Bob is muted. ***'
for line in 'am I heard?' '/me is heard' '/msg Carol am I heard?' '/topic am I heard?' '/invite Carol' \
    '/kick Carol am I heard?' '/away am I heard?' /hand; do
    say Bob "$line"
done
check 'what it says is not sent' wait_for_count 8 Bob '^\*\*\* You are muted\. Nothing was sent\. \*\*\*$'
is 'nor does it end that one is away' "$(count Bob 'not away any more')" 0
say Bob '/nick Rob'
check 'nor does it take another name' told Bob '*** You are muted, and keep your name. ***'
say Bob '/kick Carol'
check 'but its room is its own' wait_for Carol '*** You have been kicked out of #bobs by Bob ***'
say Bob '/leave bobs'
wait_for Bob 'You have left #bobs'
say Olga /bans
check 'it is in the list' told Olga '*** Muted: Bob, by Olga ***'
say Olga '/unmute B0B'
check 'it is lifted, by a look-alike, too, and tells whose it was' told Olga '*** Bob is not muted any more. ***'
say Olga '/unmute Bob'
check 'once' told Olga '*** Bob is not muted. ***'
say Bob 'I am heard'
check 'and it is heard' told Carol 'Bob: I am heard'
check 'and ends that' told Bob '*** You are not away any more. ***'
is 'nothing else was' "$(count Carol 'am I heard')" 0
say Olga '/mute Carol 10m'
check 'a mute may have an end' wait_for_match Olga '^\*\*\* Carol is muted until ([0-9-]{10} )?[0-9]{2}:[0-9]{2}\. \*\*\*$'
say Carol 'hello?'
check 'which is told' wait_for_match Carol '^\*\*\* You are muted until ([0-9-]{10} )?[0-9]{2}:[0-9]{2}\. Nothing was sent\. \*\*\*$'
say Olga '/mute #lobby'
check 'the lobby is moderated' told Bob '*** Olga has made this room moderated: /hand asks for the floor ***'
say Olga 'quiet, please'
check 'operators are heard' told Bob 'Olga: quiet, please'
say Bob 'am I heard now?'
check 'then few are heard' told Bob '*** #lobby is moderated: /hand asks for the floor. Nothing was sent. ***'
say Bob /hand
check 'one asks for the floor' told Olga '*** Bob asks for the floor in #lobby: /floor Bob ***'
check 'and is told so' told Bob '*** You have asked for the floor in #lobby. ***'
say Olga '/floor Bob'
check 'it is given' told Neighbour '*** Olga gives the floor to Bob ***'
say Bob 'thank you'
check 'and then one is heard' told Neighbour 'Bob: thank you'
type_in Tess 'and I?'
press Tess Enter
check 'others are not, at a terminal too' within "$patience" on_screen Tess '*** #lobby is moderated: /hand asks'
say Olga '/unmute #lobby'
check 'until all may speak' told Bob '*** Olga lets everyone speak in this room ***'

# --- All of the chat ----------------------------------------------------------------------------------

say Bob '/join den'
told Bob '*** You are in #den. Here now: nobody else. ***'
say Bob '/leave lobby'
say Olga '/wall the server restarts soon'
check 'an operator speaks to all' told Carol '*** Olga, to all: the server restarts soon ***'
check 'in whatever room' told Bob '*** Olga, to all: the server restarts soon ***'
check 'and hears it' told Olga '*** Olga, to all: the server restarts soon ***'
say Olga '/lockdown on'
check 'the door is closed to strangers' told Olga '*** Lockdown is on: only registered names are let in. ***'
connect Stranger
wait_for Stranger 'Enter your name:'
say Stranger Stranger
check 'who are told so' wait_for Stranger '*** Only registered names are let in now. ***'
leave Stranger
say Bob '/join lobby'
say Bob 'still here'
check 'who is here stays' told Neighbour 'Bob: still here'
say Olga /nodes
check 'without a cluster there is one machine' told Olga \
    '*** This server is the only one: it was started without --cluster. ***'
say Olga '/lockdown maybe'
check 'it is on or off' told Olga '*** Usage: /lockdown on|off ***'
say Olga '/lockdown off'
check 'and opened again' told Olga '*** Lockdown is off: everybody is let in. ***'
check 'for everybody' enter Stranger
say Olga '/lockdown on'
wait_for_count 2 Olga 'Lockdown is on'

# Whoever is asked for a password, to take a name, is in the chat meanwhile.
say Carol '/join club'
told Carol '*** You are in #club. Here now: nobody else. ***'
say Neighbour '/join club'
told Carol '*** Neighbour has joined #club ***'
say Neighbour '/nick Olga'
wait_for Neighbour 'Password: '
say Carol '/kick Neighbour'
check 'who is asked for a password leaves a room when told to' wait_for Neighbour \
    '*** You have been kicked out of #club by Carol ***'
check 'and the others see it' told Carol '*** Neighbour is kicked out of #club. ***'
say Neighbour /quit
wait_for Neighbour '*** Goodbye. ***'
leave Neighbour

# --- After a restart ----------------------------------------------------------------------------------

say Olga '/ban 127.0.0.2 1w out'
wait_for_match Olga 'Banned until .* 127\.0\.0\.2 \*\*\*$'
say Olga '/ban Mallory for ever'
told Olga '*** Banned: Mallory ***'
settle Olga
check 'the server stops' stop
cp console log
start_here
check 'after a restart an address is refused' refused Bob "$(sed -n 's/^\(\*\*\* You are banned.*\)$/\1/p' Bob | tail -n 1)" -s 127.0.0.2 127.0.0.1 "$port"
connect Mallory -s 127.0.0.9 127.0.0.1 "$port"
wait_for Mallory 'Enter your name:'
say Mallory Mallory
check 'and a name' wait_for Mallory '*** You are banned: for ever ***'
leave Mallory
check 'the door is open' enter_from 127.0.0.3 Carol
say Carol 'hello?'
check 'who was muted is muted' wait_for_match Carol '^\*\*\* You are muted until '
connect Olga
wait_for Olga 'Enter your name:'
say Olga Olga
wait_for Olga 'Password: '
say Olga "$password"
wait_for Olga '*** Welcome, Olga. '
say Olga /bans
check 'and listed, with who has done it' wait_for_match Olga "^\*\*\* Banned until $date: 127\.0\.0\.2, by Olga: out \*\*\*\$"
say Olga '/unmute carol'
told Olga '*** Carol is not muted any more. ***'
say Carol 'back'
check 'an operator lifts it still' told Olga 'Carol: back'
check 'the server stops again' stop

# --- The log ------------------------------------------------------------------------------------------

cat log >>console
for line in "Olga has kicked Bob \($peer\): that is enough" \
    "Bob \($peer\) has left: kicked by Olga: that is enough" \
    "Olga has banned Bob until $date: rude" \
    "Olga has banned 127\.0\.0\.2 until $date: rude" \
    'Olga has banned 127\.0\.0\.4/30' \
    'Olga has lifted the ban of 127\.0\.0\.4/30' \
    'Olga has lifted the ban of Bob' \
    "$peer was refused: its address is banned" \
    "Olga has muted Bob \($peer\)" \
    'Olga has unmuted Bob' \
    "Olga has muted Carol \($peer\) until [0-9: -]+" \
    'Olga has muted #lobby' \
    'Olga has unmuted #lobby' \
    "Olga has given the floor to Bob \($peer\) in #lobby" \
    '\*\*\* Olga, to all: the server restarts soon \*\*\*' \
    'Olga has turned the lockdown on' \
    'Olga has turned the lockdown off' \
    "$peer was refused: Stranger is not registered"; do
    check "the log has: $line" log_has "$line"
done
is 'nothing of who was muted is in the log' "$(count console 'am I heard')" 0
finish
