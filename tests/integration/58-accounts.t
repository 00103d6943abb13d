#!/bin/sh
# Goal: a name that is registered is its owner's alone; who is here already is taken over from elsewhere;
# what was missed and what was kept comes back; operators are made; and no password is anywhere.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"

# told CLIENT LINE: as that of lib.sh, but the line may stand behind a prompt.
told() {
    within "$patience" has_line_behind_prompt "$1" "$2"
}

has_line_behind_prompt() {
    sed -E 's/^(Enter your name: |Password: |New password: )*//' "$1" | grep -qxF -- "$2"
}

# come_in CLIENT NAME PASSWORD: connects and logs in, each from an address of its own, as wrong passwords
# slow an address down.
come_in() {
    connect_from "$1"
    say "$1" "$2"
    wait_for "$1" 'Password: '
    say "$1" "$3"
}

addresses=1
connect_from() {
    addresses=$((addresses + 1))
    if nc -z -s "127.0.0.$addresses" 127.0.0.1 "$port" 2>/dev/null; then
        connect "$1" -s "127.0.0.$addresses" 127.0.0.1 "$port"
    else
        connect "$1"
    fi
}

# --- Without a store ----------------------------------------------------------------------------------

start
enter Nemo
say Nemo '/register long-enough-1'
check 'without --data no name can be registered' told Nemo \
    '*** Names cannot be registered here: the server keeps nothing. ***'
say Nemo /missed
check 'nothing is missed' told Nemo '*** This server keeps only the last lines: /history shows them. ***'
say Nemo '/seen Zoe'
check 'and nobody was seen' told Nemo '*** The name Zoe is not registered. ***'
quit Nemo
stop
for option in '--operator Olga' --lockdown; do
    # shellcheck disable=SC2086 # Two words.
    try "$partyline" -l 127.0.0.1:0 $option
    is "${option%% *} wants a store" "$status" 2
    check 'and says so' has try.err 'names are registered only with --data FILE or --cluster, which is missing'
done
"$partyline" --version >version
if ! has version 'with SQLite'; then
    skip 'names are registered' 'this build lacks SQLite'
    finish
fi
try "$partyline" --data chat.db --operator 'Olga Two'
is 'what is no name is no operator' "$status" 2
check 'and why is said' has try.err "--operator: 'Olga Two' is no name: A name cannot contain blanks."

# --- Registering --------------------------------------------------------------------------------------

start --data chat.db --log log --operator Olga --listen 127.0.0.1:0 --machine 127.0.0.1:0
check 'that nobody has registered the operator yet is told' wait_for console \
    'Nobody has registered Olga of --operator yet: whoever does so first keeps order.'
machine=$(sed -n 's/^Chat server running on .*:\([0-9]*\) (machine)$/\1/p' console)
enter Alice
enter Bob
say Alice '/register short12'
check 'a password has a length' told Alice '*** A password has 8 characters at least. ***'
say Alice "/register $(printf '%0257d' 0)"
check 'at most, too' told Alice '*** A password has 256 bytes at most. ***'
say Alice '/password a b'
check 'there is none to change yet' told Alice "*** The name Alice is nobody's. /register makes it yours. ***"
say Alice '/unregister a'
check 'nor a name to give up' wait_for_count 2 Alice "The name Alice is nobody's"
say Alice /missed
check 'nor anything missed' told Alice \
    '*** Only who has a registered name was here before: /register makes it yours. ***'
say Alice '/register pass word 1'
check 'a name is registered, with blanks in the password' told Alice '*** The name Alice is yours now. ***'
say Alice '/register another-one'
check 'once' told Alice '*** The name Alice is yours already. ***'
say Bob /register
wait_for_match Bob '^Password: $'
say Alice 'hello, Bob'
check 'what is said meanwhile begins on a line of its own' wait_for_match Bob '^Alice: hello, Bob$'
say Bob '  bobs-password '
check 'a missing password is asked for' told Bob '*** The name Bob is yours now. ***'
check 'the log has it' wait_for_match log ' Alice \(127\.0\.0\.1:[0-9]+\) has registered the name$'

enter Raw
send Raw '/regi\001ster raw\001word \342\201\246 one\n'
check 'a password is taken as it was typed, the name of its command is cleaned' told Raw '*** The name Raw is yours now. ***'
send Raw '/unregister rawword  one\n'
check 'so a cleaned one is another one' told Raw '*** That is not the password of Raw. ***'
send Raw '/unregister raw\001word \342\201\246 one\n'
check 'and as it was typed it is the right one' told Raw "*** The name Raw is nobody's now. ***"
say Raw /register
wait_for_match Raw '^Password: $'
send Raw '\t raw  password \n'
wait_for_count 2 Raw 'The name Raw is yours now'
say Raw '/unregister raw password'
check 'blanks within a password count' wait_for_count 2 Raw 'That is not the password of Raw'
say Raw '/unregister   raw  password   '
check 'but none around it that were typed at the prompt' wait_for_count 2 Raw "The name Raw is nobody's now"
quit Raw

# --- The prompt ---------------------------------------------------------------------------------------

connect_from Mallory
say Mallory ALICE
check 'a registered name is asked for its password, in any case' wait_for_match Mallory '^Enter your name: Password: $'
say Mallory wrong-one
check 'a wrong one is refused' told Mallory '*** That is not the password of Alice. ***'
check 'and logged' wait_for_match log ' login failed: Alice \(127\.0\.0\.[12]:[0-9]+\)$'
say Mallory 'Аlice' # with a Cyrillic letter
check 'what looks like it cannot be had' told Mallory '*** That name looks like Alice, which is registered. ***'
say Mallory "A_l'ice"
check 'the prompt comes again, and another name is free' wait_for Mallory "*** Welcome, A_l'ice. "
say Mallory '/nick Bob'
wait_for_count 2 Mallory 'Password: '
say Mallory wrong-two
check '/nick asks in the same way' told Mallory '*** That is not the password of Bob. ***'
say Mallory '/nick AIice' # with a capital I
check 'and refuses a look-alike' wait_for_count 2 Mallory 'That name looks like Alice, which is registered'
say Mallory '/nick Mallory'
check 'any other name is free' told Bob "*** A_l'ice is now known as Mallory ***"

# --- From elsewhere -----------------------------------------------------------------------------------

say Alice '/join ops'
told Alice '*** You are in #ops. Here now: nobody else. ***'
say Alice '/topic deploys'
say Bob '/join ops'
wait_for Alice 'Bob has joined #ops'
settle Bob
come_in Again alice '  pass word 1 '
check 'who logs in again is in all her rooms' wait_for Again '*** You are in #ops. Topic: deploys. Here now: Bob. ***'
check 'under the name as it was registered' wait_for_match Again \
    '\*\*\* Welcome, Alice\. Type /help for commands\. Here now: Bob, Mallory\. \*\*\*$'
check 'the other connection is told' told Alice '*** You have come in from elsewhere. ***'
check 'and closes' closed Alice
say Again 'Here I am.'
check 'the current room is the same' told Bob 'Alice: Here I am.'
settle Again
say Bob 'I see.'
check 'and she hears it' told Again 'Bob: I see.'
say Again '/room hidden'
check 'the room is hers still' told Bob '*** Alice has hidden this room ***'
say Again '/leave lobby'
wait_for Again 'You have left #lobby'
settle Bob
is 'she has missed nothing' "$(count Again 'lines? since')" 0
is 'nobody has seen anybody come or go' "$(grep -cE 'Alice has (left the chat|joined)' Bob)" 0
check 'the log has it' wait_for_match log ' Alice \(127.*\) has come in from elsewhere: 127\.0\.0\.[0-9]+:[0-9]+$'

say Bob /password
wait_for_match Bob '^Password: $'
say Again '/kick Bob'
check 'who is asked for a password can be kicked out of a room' told Bob '*** You have been kicked out of #ops by Alice ***'
check 'and is asked again' wait_for_match Bob '^Password: $'
say Bob bobs-password
wait_for Bob 'New password: '
say Bob short
told Bob '*** A password has 8 characters at least. ***'
say Bob '/join ops'
told Again '*** Bob has joined #ops ***'

connect_with Robot nc -N 127.0.0.1 "$machine"
say Robot Bob
wait_for Robot '{"type":"prompt","text":"Password: "}'
say Robot bobs-password
check 'a program takes over as well' wait_for_match Robot '"type":"welcome","room":"ops".*"name":"Bob"'
check 'from a person' told Bob '*** You have come in from elsewhere. ***'
say Robot hello
check 'and is heard as him' told Again 'Bob: hello'
come_in Bob2 Bob bobs-password
check 'a person from a program' wait_for Bob2 '*** You are in #ops. Topic: deploys. Here now: Alice. ***'
check 'which is told by a code' wait_for_match Robot '^{"type":"bye","code":"replaced","text":"You have come in from elsewhere."}$'

connect_from Carl
say Carl Carl
joined Carl
say Carl '/nick bob'
wait_for_count 1 Carl 'Password: '
say Carl bobs-password
check 'by /nick the other one leaves' told Carl '*** Bob has left the chat ***'
check 'and one has the name' told Carl '*** Carl is now known as Bob ***'
check 'the other one is told' told Bob2 '*** You have come in from elsewhere. ***'
check 'the log knows why' wait_for_match log ' Bob \(127.*\) has left: came in from elsewhere$'

# --- What was missed, what was kept -------------------------------------------------------------------

leave Again
wait_for Carl 'Alice has left the chat'
say Mallory '/msg alice Call me. Zoë'
check 'a message for who is not here is kept' told Mallory '*** Alice is not here. Your message is kept. ***'
say Mallory '/msg Nobody hm'
check 'not for a name that nobody owns' told Mallory '*** There is no one here called Nobody. ***'
say Mallory '/seen ALICE'
check 'it is known when she was here' wait_for_match Mallory \
    '^\*\*\* Alice was last here on [0-9]{4}-[0-9]{2}-[0-9]{2} at [0-9]{2}:[0-9]{2}\. \*\*\*$'
say Mallory '/seen Carl'
check 'and of whom it is not' told Mallory '*** The name Carl is not registered. ***'
say Mallory '/seen bob'
check 'and who is here' told Mallory '*** Bob is here. ***'
say Carl 'Nothing much.'
say Carl 'Is alice here?'
settle Carl
come_in Alice3 Alice 'pass word 1'
check 'it comes on coming in, with its time' wait_for_match Alice3 \
    '^\[[0-9]{2}:[0-9]{2}\] \[private\] Mallory: Call me\. Zoë$'
say Alice3 '/reply I will.'
check '/reply answers it' told Mallory '[private] Alice: I will.'
check 'and how much was said' wait_for_match Alice3 '^\*\*\* 2 lines since ([0-9-]{10} )?[0-9]{2}:[0-9]{2}, 1 names you\. \*\*\*$'
say Alice3 /missed
check '/missed shows that' wait_for_match Alice3 '^\[[0-9]{2}:[0-9]{2}\] Bob: Is alice here\?$'
is 'from the first line on' "$(grep -c 'Bob: Nothing much\.$' Alice3)" 1
settle Alice3
is 'it is said twice now' "$(count Alice3 'lines since')" 2
quit Alice3
for i in $(seq 20); do
    printf '/msg Alice number %d\n' "$i"
done >lines
feed Mallory lines
wait_for_count 21 Mallory 'Your message is kept'
say Mallory '/msg Alice one too many'
check 'twenty of one author are kept' told Mallory \
    '*** Alice is not here, and no more messages of yours are kept. Nothing was sent. ***'
say Mallory '/nick Malory'
come_in Alice4 Alice 'pass word 1'
check 'all of them come' wait_for Alice4 'number 20'
is 'in their order' "$(sed -n 's/.*Mallory: number //p' Alice4 | tr '\n' ' ')" "$(seq 20 | tr '\n' ' ')"
say Mallory '/reply Are you there?'
check '/reply finds her, who has left and is back' told Alice4 '[private] Malory: Are you there?'
check 'nothing was missed' [ "$(count Alice4 ' since ')" = 0 ]
say Alice4 /missed
check 'and that is said' told Alice4 '*** Nothing was said in your rooms since you were here. ***'
say Alice4 '/ignore Malory'
told Alice4 '*** You ignore Malory. /unignore Malory ends it. ***'
quit Alice4
say Mallory '/msg Alice you cannot see this'
told Mallory '*** Alice is not here. Your message is kept. ***'
say Mallory 'Alice, are you there?'
settle Mallory
come_in Alice5 Alice 'pass word 1'
settle Alice5
is 'whom she ignores she does not hear' "$(count Alice5 'cannot see this')" 0
is 'nor has missed' "$(count Alice5 ' since ')" 0
say Alice5 '/reply who?'
check 'nor answers' told Alice5 '*** Nobody has sent you a private message yet. ***'
say Alice5 /ignore
check 'since the list is kept' told Alice5 '*** You ignore Malory. ***'

# --- Operators ----------------------------------------------------------------------------------------

say Alice5 '/op Bob'
check 'not everybody makes operators' told Alice5 '*** Only operators may do that. ***'
enter Olga
say Olga '/op Bob'
check 'nor does an operator whose name is not registered' told Olga '*** Only operators may do that. ***'
say Olga '/register olgas-password'
told Olga '*** The name Olga is yours now. ***'
say Olga '/op Bob'
check 'registered, she does' told Olga '*** Bob is an operator now. ***'
check 'he is told' told Carl '*** Olga has made you an operator ***'
check 'and the log' wait_for_match log ' Olga has made Bob an operator$'
say Olga '/op BOB'
check 'once' told Olga '*** Bob is an operator already. ***'
say Olga '/op Malory'
check 'who has no account is none' told Olga '*** The name Malory is not registered. ***'
say Carl '/deop Olga'
check 'who is one by option stays one' told Carl "*** Olga is an operator by the server's options. ***"
say Carl '/kick Malory off you go'
check 'he keeps order now' told Olga '*** Malory has been kicked by Bob: off you go ***'
say Olga '/deop bob'
check 'until he does not' told Carl '*** Olga has decided that you are no operator any more ***'
told Olga '*** Bob is no operator any more. ***'
say Olga '/deop bob'
check 'once' told Olga '*** Bob is no operator. ***'
say Carl '/wall hm'
check 'then he may not' told Carl '*** Only operators may do that. ***'
say Olga '/op Bob'
wait_for_count 2 Olga 'Bob is an operator now'
say Carl '/nick Carl'
told Carl '*** Bob is now known as Carl ***'
say Carl '/bans'
check 'a rank is that of a name' wait_for_count 2 Carl 'Only operators may do that'
say Olga '/lockdown on'
settle Olga
connect_from Dora
say Dora Dora
check 'a lockdown keeps others out' told Dora '*** Only registered names are let in now. ***'
say Dora Bob
wait_for Dora 'Password: '
say Dora bobs-password
check 'and lets registered ones in' wait_for Dora '*** Welcome, Bob. '
say Dora '/bans'
check 'his rank is kept' told Dora '*** Nobody is banned or muted. ***'
say Olga '/lockdown off'
told Olga '*** Lockdown is off: everybody is let in. ***'

# --- Changing and removing ----------------------------------------------------------------------------

say Dora '/password wrong-pass other-password'
check 'to change it one must know it' told Dora '*** That is not the password of Bob. ***'
say Dora '/password bobs-password'
check 'both are given' told Dora '*** Usage: /password [OLD NEW] ***'
say Dora '/password bobs-password short'
check 'the new one must be fit' told Dora '*** A password has 8 characters at least. ***'
say Dora /password
wait_for_count 2 Dora 'Password: '
say Dora ' bobs-password '
wait_for Dora 'New password: '
say Dora ' bobs other one  '
check 'a password is changed' told Dora '*** Your password is changed. ***'
quit Dora
come_in Bob5 Bob bobs-password
check 'the old one is none any more' told Bob5 '*** That is not the password of Bob. ***'
say Bob5 bob
wait_for_count 2 Bob5 'Password: '
say Bob5 'bobs other one'
check 'the new one is' wait_for Bob5 '*** Welcome, Bob. '
say Bob5 '/unregister nonsense'
check 'to give it up one must know it' wait_for_count 2 Bob5 'That is not the password of Bob'
say Bob5 '/unregister bobs other one'
check 'a name is given up' told Bob5 "*** The name Bob is nobody's now. ***"
say Bob5 '/bans'
check 'and the rank with it' told Bob5 '*** Only operators may do that. ***'
quit Bob5
enter Bob

# --- A program ----------------------------------------------------------------------------------------

connect_with Robot2 nc -N 127.0.0.1 "$machine"
say Robot2 Robby
wait_for Robot2 '"type":"welcome"'
say Robot2 '/missed'
check 'codes: not-registered' wait_for Robot2 '"ok":false,"code":"not-registered"'
say Robot2 '/register x'
check 'bad-password' wait_for Robot2 '"ok":false,"code":"bad-password"'
say Robot2 '/register robbys-password'
wait_for Robot2 'The name Robby is yours now.'
say Olga '/op Robby'
check 'it is told of its rank' wait_for_match Robot2 '^{"type":"operator","time":"[^"]*","from":"Olga","change":"on"}$'
quit_robot() {
    say Robot2 /quit
    wait_for Robot2 '"type":"bye"'
}
quit_robot
wait_for Bob 'Robby has left'
say Bob '/msg Robby news'
told Bob '*** Robby is not here. Your message is kept. ***'
say Bob 'Robby?'
settle Bob
connect_with Robot3 nc -N 127.0.0.1 "$machine"
say Robot3 Robby
say Robot3 robbys-password
check 'what was kept is an object' wait_for_match Robot3 '"type":"tell","time":"[^"]*","from":"Bob","text":"news","past":true}$'
say Robot3 '/sync a'
wait_for Robot3 '"type":"sync"'
is 'it is not told unasked what it missed' "$(count Robot3 missed)" 0
say Robot3 /missed
check 'but asked' wait_for_match Robot3 '"ok":true,"code":"missed","text":"1 line since [^"]*, 1 names you."'
check 'with what it was' wait_for_match Robot3 '"type":"say".*"text":"Robby\?","past":true}$'
say Robot3 '/msg Alice hi'
told Alice5 '[private] Robby: hi'
leave Alice5
wait_for Bob 'Alice has left'
say Robot3 /away
say Robot3 '/sync b'
wait_for Robot3 '"token":"b"'
say Robot3 '/msg Alice hi'
check 'kept' wait_for Robot3 '"ok":true,"code":"kept"'
is 'behind what ends that it was away' "$(tail -n 2 Robot3 | sed 's/.*"code":"\([a-z]*\)".*/\1/' | tr '\n' ' ')" 'back kept '

# --- A restart ----------------------------------------------------------------------------------------

check 'the server stops' stop
cp log log.first
start --data chat.db --log log --lockdown --operator Olga
come_in Alice6 Alice 'pass word 1'
check 'accounts outlive the server' wait_for Alice6 '*** Welcome, Alice. '
check 'and so do messages' wait_for_match Alice6 '^\[[0-9]{2}:[0-9]{2}\] \[private\] Robby: hi$'
connect Eve
say Eve Eve
is 'of a registered operator nothing is said' "$(count console 'Nobody has registered')" 0
check '--lockdown begins so' told Eve '*** Only registered names are let in now. ***'
stop

# --- No password anywhere -----------------------------------------------------------------------------

sqlite3_dump() {
    if command -v sqlite3 >/dev/null; then
        sqlite3 chat.db .dump
    else
        cat chat.db
    fi
}
sqlite3_dump >dump
for secret in 'pass word 1' bobs-password 'bobs other one' olgas-password robbys-password wrong-one wrong-two; do
    is "$secret is in no log and in no file" "$(grep -caF -- "$secret" log.first log dump | grep -c ':0$')" 3
done

# --- At a terminal ------------------------------------------------------------------------------------

start --telnet 127.0.0.1:0 --listen 127.0.0.1:0 --data chat.db
plain=$(sed -n 's/^Chat server running on .*:\([0-9]*\)$/\1/p' console)
screen_has() {
    screen "$1" | grep -qF -- "$2"
}
seat Zoe 80 24 telnet 127.0.0.1 "$port"
ends Zoe 'Enter your name:'
type_in Zoe Zoe
press Zoe Enter
ends Zoe 'Zoe>'
type_in Zoe /register
press Zoe Enter
check 'at a terminal the question stands where the line did' ends Zoe 'Password:'
type_in Zoe hidden-
enter Tom 127.0.0.1 "$plain"
check 'what is told meanwhile is shown' within "$patience" screen_has Zoe ' *** Tom has joined the chat ***'
check 'above it' ends Zoe 'Password:'
type_in Zoe secret
press Zoe Enter
check 'and the line is back' within "$patience" screen_has Zoe '*** The name Zoe is yours now. ***'
check 'with its prompt' ends Zoe 'Zoe>'
press Zoe Up
check 'what was typed is in no history' ends Zoe 'Zoe> /register'
press Zoe C-u
type_in Zoe '/password hidden-old hidden-new'
press Zoe Enter
check 'of a command with passwords its name is left on the screen' within "$patience" screen_has Zoe 'Zoe> /password'
press Zoe Up
check 'and nothing in the history' ends Zoe 'Zoe> /register'
press Zoe C-u
type_in Zoe '/join attic'
press Zoe Enter
ends Zoe '#attic Zoe>'
seat Zoe2 80 24 telnet 127.0.0.1 "$port"
ends Zoe2 'Enter your name:'
type_in Zoe2 zoe
press Zoe2 Enter
check 'another terminal asks' ends Zoe2 'Password:'
type_in Zoe2 hidden-secret
press Zoe2 Enter
check 'and takes over, with the prompt of that name and its current room' ends Zoe2 '#attic Zoe>'
check 'the first says why' within "$patience" screen_has Zoe '*** You have come in from elsewhere. ***'
secret_shows() {
    on_screens capture-pane -p -S - -t "$1" | grep -q 'hidden'
}
check 'nothing of it is on the screens' eval '! secret_shows Zoe && ! secret_shows Zoe2'

check 'the server stops when it is asked to, with status 0' stop
finish
