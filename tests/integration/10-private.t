#!/bin/sh
# Goal: /msg and /reply reach the one they are for, and nobody else, not even the log.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start --log events
enter Carol
enter Bob
enter Alice
wait_for Carol 'Alice has joined'
wait_for Bob 'Alice has joined'

say Alice '/reply hello?'
check '/reply has nobody to go to before a private message has come' \
    wait_for Alice '*** Nobody has sent you a private message yet. ***'
say Alice '/msg Bob our secret'
check 'a private message reaches whom it is for' within "$patience" has_line Bob '[private] Alice: our secret'
say Bob '/reply a secret answer'
check '/reply goes to whoever sent the last private message' \
    within "$patience" has_line Alice '[private] Bob: a secret answer'
say Alice '/msg bOB  a  second  secret  '
check 'case does not matter in the name, blanks around the text are stripped' \
    within "$patience" has_line Bob '[private] Alice: a  second  secret'
say Carol "/msg Bob Carol's secret"
wait_for Bob "[private] Carol: Carol's secret"
say Bob '/reply a secret for Carol'
check '/reply follows the latest sender' within "$patience" has_line Carol '[private] Bob: a secret for Carol'
say Alice '/msg Dave a secret for nobody'
check 'an unknown name is an error to the sender' wait_for Alice '*** There is no one here called Dave. ***'

say Alice '/nick Ally'
wait_for Bob '*** Alice is now known as Ally ***'
say Alice '/msg Bob a renamed secret'
check 'a private message bears the new name of who was renamed' wait_for Bob '[private] Ally: a renamed secret'
say Alice '/nick Alison'
wait_for Bob '*** Ally is now known as Alison ***'
say Bob '/reply a secret found'
check '/reply finds somebody who has another name since' wait_for Alice '[private] Bob: a secret found'

say Alice /quit
wait_for Bob '*** Alison has left the chat ***'
say Bob '/reply a late secret'
check '/reply to somebody who has left says so' wait_for_match Bob '^\*\*\* (Alison|Ally) has left\. \*\*\*$'
enter Alison
say Bob '/reply a misdirected secret'
check 'a stranger who takes the name afterwards is not who is replied to' \
    wait_for_count 2 Bob '^\*\*\* (Alison|Ally) has left\. \*\*\*$'
is 'a sender is sent nothing for a private message that arrives' "$(count Carol 'secret')" 1

say Bob 'Nothing to hide.'
wait_for Alison 'Bob: Nothing to hide.'
check 'a misdirected reply reaches nobody' lacks Alison misdirected
wait_for Carol 'Bob: Nothing to hide.'
check 'nobody else sees private messages' lacks Carol 'our secret'
is 'nobody else sees any private message' "$(grep secret Carol)" '[private] Bob: a secret for Carol'
check 'the server stops' stop
is 'private messages are not on the console' "$(count console secret)" 0
is 'private messages are not in the log' "$(count events secret)" 0
is 'though what was said to everyone is' "$(count events 'Bob: Nothing to hide\.$')" 1

finish
