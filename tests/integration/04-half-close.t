#!/bin/sh
# Goal: a connection that is closed or half closed has everything it sent delivered before it leaves,
# and one that goes before it has a name was never there.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Alice

printf 'Bob\nhello\n' | nc -N 127.0.0.1 "$port" >Bob
same 'the name, the line and the leaving of a script all arrive, in order' Alice "\
Enter your name: *** Welcome, Alice. Type /help for commands. Here now: nobody else. ***\n\
*** Bob has joined the chat ***\n\
Bob: hello\n\
*** Bob has left the chat ***\n"
same 'the script got the prompt and the welcome' Bob \
    'Enter your name: *** Welcome, Bob. Type /help for commands. Here now: Alice. ***\n'

printf 'Carol\nlast words' | nc -N 127.0.0.1 "$port" >Carol
check 'a last line without a line end is delivered' wait_for Alice 'Carol: last words'
check 'and then its author leaves' wait_for Alice '*** Carol has left the chat ***'

printf 'Fay\n/who\n' | nc -N 127.0.0.1 "$port" >Fay
check 'who has closed their half still gets answers' wait_for Fay '2 here'

printf 'Eve\nbefore\n/quit\nafter\n' | nc -N 127.0.0.1 "$port" >Eve
wait_for Alice '*** Eve has left the chat ***'
check 'what stands before /quit is delivered' has_line Alice 'Eve: before'
check 'what stands after /quit is not' lacks Alice 'Eve: after'

{
    printf 'Ida\n/quit\n'
    head -c 1000000 /dev/zero | tr '\0' x
} | nc -N 127.0.0.1 "$port" >Ida 2>/dev/null
check 'what was sent after /quit does not cost the goodbye' has Ida '*** Goodbye. ***'

{
    echo Gus
    awk 'BEGIN { for (i = 1; i <= 20000; i++) print "line", i }' </dev/null
} | nc -N 127.0.0.1 "$port" >Gus
check 'the end of a long script is reached' wait_for Alice '*** Gus has left the chat ***'
awk 'BEGIN { for (i = 1; i <= 20000; i++) print "Gus: line", i }' </dev/null >all_lines
grep '^Gus: ' Alice >got_lines
check 'all of its 20000 lines arrive, in order' cmp got_lines all_lines
is 'nothing of it comes after it has left' "$(tail -n 1 Alice)" '*** Gus has left the chat ***'

printf '' | nc -N 127.0.0.1 "$port" >Nobody
same 'who leaves at the prompt got the prompt and nothing else' Nobody 'Enter your name: '
printf 'Half' | nc -N 127.0.0.1 "$port" >Half
check 'an unfinished name is no name' lacks Half 'Welcome'
slam ''
slam 'Hal'
stop

is 'people are told of those who had a name, and of nobody else' \
    "$(sed -n 's/^\*\*\* \(.*\) has .* the chat \*\*\*$/\1/p' Alice | tr '\n' ' ')" \
    'Bob Bob Carol Carol Fay Fay Eve Eve Ida Ida Gus Gus '
is 'nor does the log know those who never had a name' "$(count console 'Half|Hal |Nobody')" 0
finish
