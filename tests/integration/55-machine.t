#!/bin/sh
# Goal: programs are sent JSON and nothing else: each type of object and each code of docs/PROTOCOL.md,
# as nc brings it and jq reads it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v jq >/dev/null; then
    skip 'programs are sent JSON' 'no jq here'
    finish
fi

protocol=$root/docs/PROTOCOL.md
machine_port=

# start_both [OPTION...]: a server with an address for people and one for programs.
start_both() {
    start --listen 127.0.0.1:0 --machine 127.0.0.1:0 "$@"
    machine_port=$(sed -n 's/^Chat server running on .*:\([0-9]*\) (machine)$/\1/p' console)
}

# program CLIENT [ARGUMENT OF NC...]: connects to the address for programs.
program() {
    connect "$1" 127.0.0.1 "$machine_port"
}

# objects FILE: its lines from the first object on; the last one may not be whole.
objects() {
    sed -n '/^{/,$p' "$1" | grep '}$'
}

# finds FILE EXPRESSION: some object of the file is so, as jq sees it.
finds() {
    objects "$1" | jq -s -e "any($2)" >found 2>&1
}

# is_sent CLIENT EXPRESSION SENTENCE: waits for such an object.
is_sent() {
    check "$3" within "$patience" finds "$1" "$2"
}

# members_of FILE TYPE: the names of the members of the first object of a type, in their order.
members_of() {
    jq -r "select(.type == \"$2\") | keys_unsorted | join(\" \")" "$1" | head -n 1
}

# ends FILE CODE: its last object is a bye with that code.
ends() {
    [ "$(tail -n 1 "$1" | jq -r '.type + " " + .code' 2>/dev/null)" = "bye $2" ]
}

# --- An address for programs --------------------------------------------------------------------------

start_both --idle-timeout 600
check 'the console tells which address is for programs' matches console ' \(machine\)$'
enter Bob
program Clock
is_sent Clock '.[]; .type == "prompt" and .text == "Enter your name: "' 'a program is asked for a name by an object'
say Clock 'Al arm'
is_sent Clock '.[]; .code == "bad-name" and .ok == false' 'a bad name is refused by a reply'
say Clock 'bob'
is_sent Clock '.[]; .code == "name-taken"' 'so is one that is taken'
say Clock 'B0b'
is_sent Clock '.[]; .code == "name-looks-like"' 'and one that looks like one'
say Clock Clock
is_sent Clock '.[]; .type == "welcome" and .name == "Clock" and .members == ["Bob"] and .here == 2' \
    'the welcome lists who is here'
check 'the others see it come, as anybody' wait_for Bob '*** Clock has joined the chat ***'

say Bob 'hi "all" \ you'
is_sent Clock '.[]; .type == "say" and .from == "Bob" and .text == "hi \"all\" \\ you"' 'talk comes as said'
say Bob '/me waves'
is_sent Clock '.[]; .type == "act" and .from == "Bob" and .text == "waves"' 'so does what is done'
say Bob '/msg Clock psst'
is_sent Clock '.[]; .type == "tell" and .from == "Bob" and .text == "psst"' 'and what is private'
enter Cy
is_sent Clock '.[]; .type == "join" and .name == "Cy"' 'who joins is told'
say Cy '/nick Cyril'
is_sent Clock '.[]; .type == "nick" and .from == "Cy" and .name == "Cyril"' 'and a new name'
quit Cy
is_sent Clock '.[]; .type == "leave" and .name == "Cyril"' 'and who leaves'
is 'each has a time' "$(jq -r 'select(.type != "prompt" and .type != "reply") | .time' Clock |
    grep -cvE '^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3}Z$')" 0

say Clock 'tick'
check 'what it says is heard' wait_for Bob 'Clock: tick'
say Clock '/me ticks'
check 'and what it does' wait_for Bob '* Clock ticks'
is_sent Clock '.[]; .code == "done" and .ok' 'which is acknowledged'
say Clock /who
is_sent Clock '.[]; .type == "members" and .here == 2 and .more == false and
    ([.members[].name] == ["Bob", "Clock"]) and (.members[0].idle | type == "number")' '/who is a list'
say Clock '/sync 1-2-3'
is_sent Clock '.[]; .type == "sync" and .token == "1-2-3"' '/sync returns its token'
say Clock /sync
is_sent Clock '.[]; .type == "sync" and .token == ""' 'or an empty one'
say Clock '/help me'
is_sent Clock '.[]; .code == "help" and .ok and (.text | startswith("/me TEXT: "))' '/help is text'
say Clock /help
is_sent Clock '.[]; .code == "help" and (.text | split("\n") | length > 5)' 'of several lines, if need be'
say Clock /hlep
is_sent Clock '.[]; .code == "unknown-command"' 'an unknown command is told'
say Clock '/msg Bob'
is_sent Clock '.[]; .code == "usage" and .text == "Usage: /msg NAME TEXT"' 'and how to use one'
say Clock '/msg Dave hi'
is_sent Clock '.[]; .code == "no-such-name" and .text == "There is no one here called Dave."' 'and who is not here'
enter Eve
say Eve '/msg Clock bye'
is_sent Clock '.[]; .type == "tell" and .from == "Eve"' 'somebody writes to it'
quit Eve
is_sent Clock '.[]; .type == "leave" and .name == "Eve"' 'and leaves'
say Clock '/reply hi'
is_sent Clock '.[]; .code == "has-left"' 'to whom it cannot answer'
say Clock '/nick Clock'
is_sent Clock '.[]; .code == "no-change"' 'it is called so already'
say Clock /edit
is_sent Clock '.[]; .code == "machine-mode"' 'it edits no lines'
perl -e 'print "x" x 5000, "\n"' >long
feed Clock long
is_sent Clock '.[]; .code == "line-too-long"' 'a line that is too long is refused'
send Clock '\377\375\001\377\366/sync raw\n/sync end\n'
is_sent Clock '.[]; .token == "end"' 'telnet is none to a program'
is 'and gets no answer' "$(perl -ne 'print if /[^ -~\n]/' Clock)" ''

is 'a welcome has its members in order' "$(members_of Clock welcome)" 'type room time name topic here members'
is 'so has talk' "$(members_of Clock say)" 'type room seq time from text'
is 'and a reply' "$(members_of Clock reply)" 'type ok code text'

say Clock /quit
check 'it is told goodbye' within "$patience" ends Clock quit
is 'each line was one object' "$(jq -c type Clock | sort -u)" '"object"'
is 'and there were as many as lines' "$(jq -c . Clock | wc -l)" "$(wc -l <Clock)"
cat Clock >seen

# --- On a plain connection ----------------------------------------------------------------------------

enter Ann
say Ann '/machine off'
check '/machine has one argument' wait_for Ann '*** Usage: /machine on ***'
say Ann '/machine on'
is_sent Ann '.[]; .code == "done"' '/machine on is answered by an object'
say Bob 'hi Ann'
is_sent Ann '.[]; .type == "say" and .text == "hi Ann"' 'and talk comes as objects from then on'
say Ann /reply
is_sent Ann '.[]; .code == "usage"' 'replies too'
say Ann '/reply hi'
is_sent Ann '.[]; .code == "no-message"' 'of every kind'
say Ann '/machine on'
is_sent Ann '.[]; .code == "done"' 'to say it again changes nothing'
quit Bob
is_sent Ann '.[]; .type == "leave"' 'it sees who leaves'
say Ann 'is anybody here?'
is_sent Ann '.[]; .code == "nobody-else" and .ok' 'and is told that nobody else is here'
leave Ann
check 'when it has closed its half, it is told goodbye' within "$patience" ends Ann closed
is 'no prose came behind the first object' "$(objects Ann | jq -c type | sort -u)" '"object"'
objects Ann >>seen

connect Zed
say Zed '/machine on'
say Zed Zed
is_sent Zed '.[]; .type == "welcome"' '/machine on may come before the name'
is 'the prompt is a line then' "$(head -n 1 Zed)" 'Enter your name: '
is 'and the next one an object' "$(sed -n 2p Zed | jq -r .code)" 'done'
quit_program() {
    say "$1" /quit
    within "$patience" ends "$1" quit
}
check 'it leaves' quit_program Zed

connect Tel
send Tel '\377\375\003Tel\n'
wait_for Tel 'Welcome'
send Tel '\377\373\037/machine on\r\n\377\375\001/sync here\r\n'
is_sent Tel '.[]; .token == "here"' 'who has spoken telnet becomes a program, too'
is 'and is sent no telnet, and no CR' "$(objects Tel | perl -ne 'print if /[^ -~\n]/')" ''
check 'it leaves' quit_program Tel

# --- Every byte ---------------------------------------------------------------------------------------

# All that text can be: each character of the first planes but those that are cleaned away.
perl -e 'binmode STDOUT, ":utf8"; no warnings;
    print map chr, 0x21 .. 0x7E, 0xA1 .. 0x1FFF, 0x3001 .. 0xD7FF, 0xF900 .. 0xFFFD, 0x1F300 .. 0x1FAFF' |
    perl -CSD -M-warnings -ne 'print "<$1>\n" while /(.{1,1000})/g' >texts
program Copy
say Copy Copy
is_sent Copy '.[]; .type == "welcome"' 'somebody else reads along'
program Writer
say Writer Writer
is_sent Writer '.[]; .type == "welcome"' 'what somebody writes'
say_last() {
    { cat texts && echo '/sync written'; } >together
    feed Writer together
    within "$patience" finds Writer '.[]; .token == "written"'
}
check 'whose many characters are taken' say_last
say Copy '/sync read'
is_sent Copy '.[]; .token == "read"' 'comes whole'
jq -r 'select(.type == "say") | .text' Copy >back
check 'each character comes back with jq' cmp texts back
if command -v python3 >/dev/null; then
    python3 -c 'import json, sys
for line in sys.stdin.buffer:
    said = json.loads(line)
    if said["type"] == "say":
        sys.stdout.buffer.write(said["text"].encode() + b"\n")' <Copy >back
    check 'and with Python' cmp texts back
else
    skip 'and with Python' 'no python3 here'
fi
check 'who writes leaves' quit_program Writer

# --- While others talk --------------------------------------------------------------------------------

# heard FILE: the numbers that were said, in the order in which they came, as lines or as objects.
heard() {
    sed -n 's/^Talker: \([0-9]*\)$/\1/p; s/^{"type":"say",.*"from":"Talker","text":"\([0-9]*\)"}$/\1/p' "$1"
}
turned='1 2 3 4 5 6'
enter Talker
for n in $turned; do
    enter "Turn$n"
done
# talk_on: numbers without end, and some more when all have turned. What was said is in the file numbers.
talk_on() {
    first=1
    while :; do
        [ ! -e all_turned ] || more=no
        seq $first $((first + 99))
        first=$((first + 100))
        [ -z "${more:-}" ] || break
        sleep 0.01
    done | tee numbers >Talker.in
}
talk_on &
talking=$!
for n in $turned; do
    wait_for "Turn$n" "Talker: ${n}000"
    say "Turn$n" '/machine on'
done
for n in $turned; do
    wait_for "Turn$n" '"code":"done"'
done
: >all_turned
wait $talking
last=$(tail -n 1 numbers)
say_after() {
    within 60 finds "Turn$n" ".[]; .text == \"$last\""
}
for n in $turned; do
    check "who becomes a program in the midst of talk ($n) hears the end" say_after
    heard "Turn$n" >got
    check 'no line is missing, nor comes twice' cmp numbers got
    is 'and from the first object on, all lines are objects' \
        "$(sed -n '/^{/,$p' "Turn$n" | grep -cv '^{.*}$')" 0
    check 'it leaves' quit_program "Turn$n"
done

# --- The end ------------------------------------------------------------------------------------------

program Nobody
for name in 1,2 'a b' '#c' '@d' '*'; do
    say Nobody "$name"
done
check 'who finds no name is told goodbye' within "$patience" ends Nobody too-many-tries
cat Nobody >>seen
check 'the server stops' stop
check 'and tells every program' within "$patience" ends Copy shutdown
cat Copy >>seen

start_both --max-clients 2 --max-per-host 1
program Alone
say Alone Alone
is_sent Alone '.[]; .type == "welcome"' 'somebody is here'
program Crowd
check 'a refused program is told why: its address has too many connections' within "$patience" ends Crowd crowded
cat Crowd >>seen
check 'the server stops' stop

start_both --idle-timeout 1
program Sleeper
say Sleeper Sleeper
is_sent Sleeper '.[]; .type == "welcome"' 'somebody sleeps'
check 'who sends nothing is told goodbye, and nothing before' within "$patience" ends Sleeper idle
is 'with no warning' "$(jq -r .type Sleeper | tail -n 2 | tr '\n' ' ')" 'welcome bye '
cat Sleeper >>seen
check 'the server stops' stop

start_both --max-clients 1
program First
say First First
is_sent First '.[]; .type == "welcome"' 'the chat is full'
program Second
check 'and the next program is told' within "$patience" ends Second full
cat Second >>seen
check 'the server stops' stop

start_both --presence-limit 1
program Big
say Big Big
is_sent Big '.[]; .type == "welcome"' 'in a big room'
enter One
enter Two
is_sent Big '.[]; .type == "members" and .here >= 2 and .joined >= 1 and (.left | type == "number")' \
    'comings and goings are counts'
cat Big >>seen

check 'the server stops' stop

# --- A password, and a message of the day -------------------------------------------------------------

echo sesame >password
chmod 600 password
printf 'Be kind.\nBe brief.\n' >motd
start_both --password-file password --motd motd
program Knock
is_sent Knock '.[]; .type == "prompt" and .text == "Password: "' 'a password is asked for by an object'
say Knock please
is_sent Knock '.[]; .code == "wrong-password" and .ok == false' 'a wrong one is told'
say Knock sesame
is_sent Knock '.[]; .text == "Enter your name: "' 'a right one is enough'
say Knock Knock
say Knock '/sync in'
is_sent Knock '.[]; .token == "in"' 'it comes in'
is 'and is shown no message of the day' "$(jq -r .type Knock | tail -n 2 | tr '\n' ' ')" 'welcome sync '
say Knock /motd
is_sent Knock '.[]; .code == "motd" and .ok and .text == "Be kind.\nBe brief."' 'unless it asks for it'
cat Knock >>seen
check 'the server stops' stop
start_both
program Curious
say Curious Curious
say Curious /motd
is_sent Curious '.[]; .code == "no-motd"' 'where there is none, that is told'
cat Curious >>seen

check 'the server stops' stop

# --- Rooms --------------------------------------------------------------------------------------------

# settle CLIENT: what it has asked for so far is done, before anybody asks for more.
settled=0
settle() {
    settled=$((settled + 1))
    say "$1" "/sync settled-$settled"
    within "$patience" finds "$1" ".[]; .token == \"settled-$settled\""
}

start_both --rooms-per-client 3 --history 3
program Olga
say Olga Olga
program Pat
say Pat Pat
is_sent Pat '.[]; .type == "welcome" and .room == "lobby"' 'two programs are in the lobby'
settle Olga
say Olga '/leave'
is_sent Olga '.[]; .code == "last-room"' 'the only room cannot be left'
say Olga '/join #ops'
is_sent Olga '.[]; .type == "welcome" and .room == "ops" and .here == 1 and .topic == ""' 'who joins a room is welcomed'
say Olga '/topic deploys'
is_sent Olga '.[]; .type == "topic" and .room == "ops" and .from == "Olga" and .text == "deploys"' 'a topic is told'
say Pat /rooms
is_sent Pat '.[]; .type == "rooms" and .count == 2 and .more == false and .rooms ==
    [{"room": "lobby", "here": 2, "topic": ""}, {"room": "ops", "here": 1, "topic": "deploys"}]' '/rooms is a list'
say Pat '/who ops'
is_sent Pat '.[]; .type == "members" and .room == "ops" and .here == 1' 'another room is listed'
say Pat '/join ops'
is_sent Pat '.[]; .type == "welcome" and .room == "ops" and .topic == "deploys" and .members == ["Olga"]' 'with its topic'
is_sent Olga '.[]; .type == "join" and .room == "ops" and .name == "Pat"' 'who joins it is told there'
say Pat 'one'
say Pat '/me two'
say Pat '/join lobby'
settle Pat
say Olga 'three'
is_sent Pat '.[]; .type == "say" and .room == "ops" and .seq == 3 and .text == "three"' 'talk tells its room, and its number'
settle Olga
is 'the numbers have no gap' "$(jq -r 'select(.room == "ops" and .seq) | .seq' Olga | tr '\n' ' ')" '1 2 '
say Pat '/resume ops 1'
is_sent Pat '.[]; .code == "resumed" and .ok' 'what was missed is sent again'
for text in four five six; do
    say Olga "$text"
done
settle Olga
say Pat '/resume ops 1'
is_sent Pat '.[]; .code == "gone" and .first > 1' 'as far as it is kept'
say Pat '/search three'
is_sent Pat '.[]; .code == "no-archive"' 'without an archive nothing is found'
say Pat '/history'
is_sent Pat '.[]; .code == "nothing" and .ok' 'and where nobody has talked, nothing was said'
say Pat '/leave ops'
is_sent Olga '.[]; .type == "leave" and .room == "ops" and .name == "Pat"' 'who leaves it is told'
for change in hidden open 'key sesame' 'key none' members; do
    say Olga "/room $change"
done
settle Olga
say Pat '/join ops'
is_sent Pat '.[]; .code == "by-invitation"' 'by invitation only'
say Olga '/invite Pat'
is_sent Pat '.[]; .type == "invite" and .room == "ops" and .from == "Olga"' 'an invitation comes'
say Pat '/join ops'
settle Pat
is 'and lets one in' "$(jq -r 'select(.type == "welcome" and .room == "ops") | .name' Pat | wc -l | tr -d ' ')" 2
say Olga '/invite Pat'
is_sent Olga '.[]; .code == "is-there"' 'who is there is not invited'
say Pat '/room hidden'
is_sent Pat '.[]; .code == "not-owner"' 'only the owner changes a room'
for change in hidden open 'key sesame' 'key none' members anyone; do
    say Olga "/room $change"
done
is_sent Pat '.[]; .type == "room" and .change == "anyone"' 'changes are told'
is 'all of them' "$(jq -r 'select(.type == "room") | .change' Pat | tr '\n' ' ')" 'hidden open key no-key members anyone '
# For oneself.
say Olga '/away "lunch"'
settle Olga
say Pat '/msg Olga hello'
is_sent Pat '.[]; .code == "away" and .ok and .text == "Olga is away: \"lunch\"."' 'who is away is told of'
say Pat '/who'
is_sent Pat '.[]; .type == "members" and (.members | any(.name == "Olga" and .away == "\"lunch\""))' \
    'and is away in the list'
say Olga 'back'
is_sent Olga '.[]; .code == "back" and .ok' 'to say something ends it'
# answers_back COMMAND CODES: who is away says so, and is sent these codes.
answers_back() {
    say Olga /away
    settle Olga
    before=$(wc -l <Olga)
    say Olga "$1"
    say Olga '/sync back'
    wait_for_count "$((syncs = syncs + 1))" Olga '"token":"back"'
    is "away, '$1' is sent $2" "$(sed "1,${before}d" Olga | jq -r 'select(.type == "reply") | .code' | tr '\n' ' ')" "$2 "
}
syncs=0
answers_back 'a plain line' back
answers_back '/me waves' 'back done'
answers_back '/msg Pat psst' 'back done'
say Pat /away
settle Pat
answers_back '/msg Pat psst' 'back away'
say Pat 'back'
settle Pat
answers_back '/msg Nemo psst' no-such-name
say Olga 'back'
settle Olga
{ seq -f '/ignore n%.0f' 1 1000 && echo '/ignore Pat'; } >names
feed Olga names
is_sent Olga '.[]; .code == "too-many-ignored" and (.ok | not)' 'so many can be ignored'
say Olga '/unignore n1000'
say Olga '/ignore Pat'
is_sent Olga '.[]; .code == "done" and .text == "You ignore Pat. /unignore Pat ends it."' 'and one more instead of another'
say Olga '/ignore'
is_sent Olga '. ; [.[] | select(.code == "ignored" and .ok) | .text | split("\n") | length] | add >= 1000' 'all are listed'
say Pat 'noise'
settle Pat
settle Olga
check 'what they say is not sent' lacks Olga noise
say Olga '/unignore Pat'
settle Olga
say Pat '/leave ops'
say Pat '/leave ops'
is_sent Pat '.[]; .code == "not-in-room"' 'a room is left once'
say Olga '/room key sesame'
settle Olga
program Quin
say Quin Quin
say Quin '/join ops'
is_sent Quin '.[]; .code == "needs-key"' 'it needs a key'
say Quin '/join ops melon'
is_sent Quin '.[]; .code == "wrong-key"' 'the right one'
say Quin '/join ops sesame'
settle Quin
say Olga '/kick Pat'
is_sent Olga '.[]; .code == "not-there"' 'nobody is kicked out of a room who is not in it'
say Olga /bans
is_sent Olga '.[]; .code == "not-operator"' 'bans are for operators'
say Olga '/kick Olga'
is_sent Olga '.[]; .code == "not-allowed"' 'nobody kicks themselves'
say Olga '/kick Quin "late"'
is_sent Quin '.[]; .type == "kick" and .room == "ops" and .name == "Quin" and .by == "Olga" and .text == "\"late\""' \
    'who is kicked out of a room is told'
settle Olga
is 'and so are the others' "$(jq -r 'select(.type == "kick") | .name' Olga)" Quin
say Quin '/join ops sesame'
settle Quin
say Olga '/mute Quin'
settle Olga
say Quin 'hello'
is_sent Quin '.[]; .code == "muted"' 'who is muted is told'
say Olga '/unmute Quin'
say Olga '/mute #ops'
is_sent Quin '.[]; .type == "room" and .change == "moderated"' 'a room is moderated'
say Quin 'hello'
is_sent Quin '.[]; .code == "moderated"' 'and who says something is told'
say Quin /hand
is_sent Olga '.[]; .type == "hand" and .room == "ops" and .from == "Quin"' 'somebody asks for the floor'
say Olga '/floor Quin'
is_sent Quin '.[]; .type == "floor" and .from == "Olga" and .name == "Quin" and .change == "given"' 'and is given it'
say Olga '/unmute #ops'
say Pat '/who nowhere'
is_sent Pat '.[]; .code == "no-such-room"' 'a room is not there'
say Pat '/join a!b'
is_sent Pat '.[]; .code == "bad-room-name"' 'another cannot be'
say Pat "/topic $(printf '%0600d' 0)"
is_sent Pat '.[]; .code == "too-long"' 'a topic is too long'
for room in one two three; do
    say Pat "/join $room"
done
is_sent Pat '.[]; .code == "too-many-rooms"' 'one cannot be everywhere'
cat Olga Pat Quin >>seen

# --- What PROTOCOL says -------------------------------------------------------------------------------

sed -n '/^## Programs$/,/^## Telnet$/p' "$protocol" >programs
# A gap takes an archive with a hole, a link several machines, and to speak to all, or to make operators, takes an operator.
# shellcheck disable=SC2016 # The backquotes are Markdown's.
sed -n 's/^| `\([a-z]*\)` | `.*/\1/p' programs | grep -vxE 'gap|link|wall|operator' | sort -u >types
jq -r .type seen | sort -u >types.seen
check 'PROTOCOL has types' [ "$(wc -l <types)" -ge 12 ]
is 'each type of PROTOCOL has been seen, and no other' "$(cat types.seen)" "$(cat types)"
# The others need memory to be out, a terminal, an operator, a crowd that does not know the password, or
# accounts: tests/integration/58-accounts.t; or several machines: 73-cluster-link.t, 75-cluster-order.t.
# shellcheck disable=SC2016 # The backquotes are Markdown's.
sed -n 's/^| `\([a-z-]*\)` | .*/\1/p' programs | grep -vxFf types |
    grep -vxE 'not-said|cut-short|out-of-memory|no-terminal|no-answer|banned|kicked|bans|lockdown|too-many-bans|wrong-passwords|busy|not-stored|gap|wall|not-registered|bad-password|kept|too-many-kept|missed|replaced|operator|link|unlinked|unsure|nodes|no-cluster' | sort -u >codes
jq -r 'select(.code) | .code' seen | sort -u >codes.seen
check 'PROTOCOL has codes' [ "$(wc -l <codes)" -ge 20 ]
is 'each code of PROTOCOL has been seen, and no other' "$(cat codes.seen)" "$(cat codes)"
# Codes that no command replies with yet need not be told.
find "$root/src/doors/plain" -name '*.c' ! -name reply.c -exec cat {} + | grep -oE 'REPLY_[A-Z_]+' | sort -u |
    sed 's/.*/^    \\[&\\] = {"\\([a-z-]*\\)", \\(true\\|false\\)},$/; s/.*/s~&~\\1 \\2~p/' >uses
sed -n -f uses "$root/src/doors/plain/reply.c" | sort >made
# shellcheck disable=SC2016 # The backquotes are Markdown's.
sed -n 's/^| `\([a-z-]*\)` | \(true\|false\) | .*/\1 \2/p' programs | sort >told
is 'PROTOCOL has each code of a reply, and whether it is good' "$(cat told)" "$(cat made)"

finish
