#!/bin/sh
# Goal: accounts are the same on all machines of a cluster, without a data file: who registers on one is
# asked for the password on the others, one of two who register at once wins, and what is kept for an
# account comes once, wherever its person comes in.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'accounts are the same on all machines'

# log_in CLIENT NAME PASSWORD MACHINE
log_in() {
    connect "$1" 127.0.0.1 "$(cat "port.$4")"
    say "$1" "$2"
    wait_for "$1" 'Password: '
    say "$1" "$3"
}

# told CLIENT LINE: as that of lib.sh, but the line may stand behind a prompt.
told() {
    within "$patience" has_line_behind_prompt "$1" "$2"
}

has_line_behind_prompt() {
    sed -E 's/^(Enter your name: |Password: |New password: )*//' "$1" | grep -qxF -- "$2"
}

nats_alone
machine east --operator Olga
machine west --operator Olga

# --- Registering and logging in ----------------------------------------------------------------------------

come Alice east
say Alice '/register open sesame'
check 'a name is registered' told Alice '*** The name Alice is yours now. ***'
quit Alice
log_in Alice aLICE 'open sesame' west
check 'who has the password comes in on another machine, as it was registered' wait_for Alice \
    '*** Welcome, Alice. '
log_in Mallory Alice 'wrong password' east
check 'who has not is refused there' told Mallory '*** That is not the password of Alice. ***'
hang_up Mallory
connect Mallory 127.0.0.1 "$(cat port.east)"
say Mallory 'Аlice'
check 'a name that looks like it is nobody else'"'"'s' told Mallory \
    '*** That name looks like Alice, which is registered. ***'
hang_up Mallory
connect Mallory 127.0.0.1 "$(cat port.east)"
say Mallory 'AIice'
check 'nor one that looks like it as it is typed' told Mallory \
    '*** That name looks like Alice, which is registered. ***'
hang_up Mallory

say Alice '/password open-sesame another-sesame'
check 'a password is not changed by who does not know it' told Alice \
    '*** That is not the password of Alice. ***'
say Alice '/password'
wait_for Alice 'Password: '
say Alice 'open sesame'
wait_for Alice 'New password: '
say Alice 'another sesame'
check 'but by who does' told Alice '*** Your password is changed. ***'

# --- Ghosts ------------------------------------------------------------------------------------------------

come Bob east
say Alice '/join den'
wait_for Alice 'You are in #den'
say Alice '/room key latch'
say Alice '/topic Below'
wait_for Alice 'has set the topic: Below'
log_in Again Alice 'another sesame' east
check 'who comes in elsewhere has the old connection end' wait_for Alice 'You have come in from elsewhere.'
check 'and comes in' wait_for Again '*** Welcome, Alice. '
check 'into all rooms' wait_for Again '*** You are in #den. '
settle Again
say Again '/join den'
say Again '/room'
check 'which are as they were, also if nobody else was there' wait_for Again '*** Room #den is open, needs a key, and anyone may come in. '
check 'with their topic' wait_for Again '*** You are in #den. Topic: Below. '
say Again '/leave'
wait_for Again 'You have left #den'
check 'others see it leave' told Bob '*** Alice has left the chat ***'
check 'and come' told Bob '*** Alice has joined the chat ***'
connect Third 127.0.0.1 "$(cat port.west)"
say Third Carol
wait_for Third '*** Welcome, Carol. '
say Third '/nick Alice'
wait_for Third 'Password: '
say Third 'another sesame'
check 'so does who takes the name by /nick' wait_for Again 'You have come in from elsewhere.'
check 'and has it' told Bob '*** Carol is now known as Alice ***'
quit Third
wait_for_count 3 Bob '^\*\*\* Alice has left the chat \*\*\*$' # that machine may learn of it later

# --- What belongs to an account --------------------------------------------------------------------------

say Bob '/msg Alice are you there?'
check 'a message for who is away of the chat is kept' wait_for_match Bob 'Alice is not here.*'
say Bob '/seen Alice'
check 'when somebody was here is known everywhere' wait_for Bob 'Alice was last here on '
log_in Alice Alice 'another sesame' west
check 'what was kept comes on another machine' wait_for Alice 'Bob: are you there?'
say Alice '/ignore Mallory'
wait_for Alice 'You ignore Mallory'
quit Alice
log_in Alice Alice 'another sesame' east
check 'once' wait_for Alice '*** Welcome, Alice. '
say Alice '/ignore'
check 'whom one ignores is known on all machines' wait_for Alice 'You ignore Mallory.'
check 'nothing is delivered twice' lacks Alice 'are you there?'

come Olga west
say Olga '/register keeps-order-1'
check 'who is named an operator registers' told Olga '*** The name Olga is yours now. ***'
say Olga '/kick Bob enough'
check 'and keeps order, on all machines' wait_for Bob 'kicked'

# --- A machine that was not heard ---------------------------------------------------------------------------

come Paula west
say Paula '/register keeps-order-2'
wait_for Paula 'is yours now'
say Olga '/op Paula'
check 'somebody is made an operator' told Olga '*** Paula is an operator now. ***'
come Nina west
log_in Boss Olga keeps-order-1 east
wait_for Boss '*** Welcome, Olga. '
machine_halt west
check 'a machine is not heard' wait_for console.east '*** Machine west is not heard any more ***' 20
say Boss '/deop Paula'
check 'meanwhile she is made none elsewhere' told Boss '*** Paula is no operator any more. ***'
say Boss '/msg Paula see you'
check 'and somebody writes to her' told Boss '*** Paula is not here. Your message is kept. ***'
connect Other 127.0.0.1 "$(cat port.east)"
say Other Nina
wait_for Other '*** Welcome, Nina. '
say Other '/register sesame-sesame'
wait_for Other 'is yours now'
quit Other
machine_signal CONT west
check 'who comes in anew' wait_for_count 1 Paula '^\*\*\* Welcome, Paula\.' 20
check 'gets what was kept meanwhile' wait_for Paula '[private] Olga: see you' 20
say Paula '/wall I am back.'
check 'is no operator any more' told Paula '*** Only operators may do that. ***'
check 'and whose name somebody else has registered is not let in' wait_for Nina \
    'Your name was taken while this machine was cut off.' 20

# --- Giving up ---------------------------------------------------------------------------------------------

say Alice '/unregister another-sesame'
check 'a wrong password gives nothing up' told Alice '*** That is not the password of Alice. ***'
say Alice '/unregister another sesame'
check 'a name is given up' told Alice "*** The name Alice is nobody's now. ***"
quit Alice
come Alice west
check 'and is free on all machines' wait_for Alice '*** Welcome, Alice. '

check 'a machine stops' machine_stop west
check 'the other one, too' machine_stop east
finish
