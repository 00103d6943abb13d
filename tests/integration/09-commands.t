#!/bin/sh
# Goal: /help, /who, /me, //text, and what happens to commands that are wrong or do not exist.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

start
enter Bob
enter Alice
wait_for Bob 'Alice has joined'

say Alice /help
for command in help who msg reply me nick quit; do
    check "/help has a line for /$command" wait_for_match Alice "^\\*\\*\\* .*/$command.* \\*\\*\\*\$"
done
say Alice /foo
check 'an unknown command is named, and /help recommended' within "$patience" has_line Alice \
    '*** Unknown command: /foo. Type /help. ***'
check '/help tells how to say what begins with a slash' has_line Alice '*** //TEXT: say /TEXT ***'
say Alice '/help me'
check '/help tells more of one command' within "$patience" has_line Alice \
    '*** /me TEXT: says what you do: the others see * and your name before TEXT. ***'
say Alice '/help nonsense'
check 'and that it does not know another' within "$patience" has_line Alice \
    '*** Unknown command: /nonsense. Type /help. ***'
is 'all that /help says is whole notices' "$(sed 1d Alice | grep -cvE '^\*\*\* .* \*\*\*$')" 0
say Alice '/foo bar'
check 'an unknown command with an argument is unknown, too' wait_for_count 2 Alice 'Unknown command: /foo'
say Alice /hlep
check 'a near miss is answered by what was meant' within "$patience" has_line Alice \
    '*** Unknown command: /hlep. Did you mean /help? ***'
say Alice '/MGS Bob Hi!'
check 'so is one in capitals, with an argument' within "$patience" has_line Alice \
    '*** Unknown command: /MGS. Did you mean /msg? ***'
say Alice /q
check 'so is a beginning, if it is one of one command' within "$patience" has_line Alice \
    '*** Unknown command: /q. Did you mean /quit? ***'
say Alice /exit
check 'who wants to leave as elsewhere is told how' within "$patience" has_line Alice \
    '*** Unknown command: /exit. Did you mean /quit? ***'
say Alice '/etc/passwd is broken'
check 'who begins with a path is told how to say it' within "$patience" has_line Alice \
    '*** Unknown command: /etc/passwd. To say it, begin with two slashes. ***'
say Alice '/etc is full'
check 'so is who begins with a word that is like no command' within "$patience" has_line Alice \
    '*** Unknown command: /etc. To say it, begin with two slashes. ***'
say Alice /
check 'a lone slash is no command' wait_for_match Alice '^\*\*\* .*/.* \*\*\*$'
say Alice /whoever
check 'a command is not recognized by its beginning' wait_for Alice 'Unknown command: /whoever.'

say Alice /who
check '/who counts who is here' within "$patience" has_line Alice '*** 2 here: ***'
check '/who lists the others, with how long each has been idle' \
    wait_for_match Alice '^\*\*\* Bob, idle [0-9]+ s \*\*\*$'
check '/who lists the asker, too' wait_for_match Alice '^\*\*\* Alice, idle [0-9]+ s \*\*\*$'

send Alice '//who\n'
check 'a line that begins with // is text that begins with /' within "$patience" has_line Bob 'Alice: /who'
send Alice '///\n'
check 'only one slash is taken away' within "$patience" has_line Bob 'Alice: //'
send Alice '/me waves\n'
check '/me is shown as something done' within "$patience" has_line Bob '* Alice waves'
send Alice '/me   waves  again  \n'
check 'blanks around what /me says are stripped' within "$patience" has_line Bob '* Alice waves  again'
send Alice '  /me is indented\n'
check 'blanks before a command do not make it text' within "$patience" has_line Bob '* Alice is indented'
is 'who does something is not told of it' "$(count Alice '^\* ')" 0

before=$(wc -l <Alice)
usage() {
    say Alice "$1"
    check "'$1' gets its usage" within "$patience" got_usage "$2"
    before=$((before + 1))
}
got_usage() {
    [ "$(wc -l <Alice)" -eq $((before + 1)) ] && tail -n 1 Alice | grep -qxF -e "$1"
}
usage /msg '*** Usage: /msg NAME TEXT ***'
usage '/msg Bob' '*** Usage: /msg NAME TEXT ***'
usage '/msg Bob  ' '*** Usage: /msg NAME TEXT ***'
usage /reply '*** Usage: /reply TEXT ***'
usage /me '*** Usage: /me TEXT ***'
usage '/me  ' '*** Usage: /me TEXT ***'
usage /nick '*** Usage: /nick NAME ***'

say Alice marker
wait_for Bob 'Alice: marker'
is 'nobody else is told of commands, their answers and their errors' "$(sed 1,2d Bob | tr '\n' '|')" \
    'Alice: /who|Alice: //|* Alice waves|* Alice waves  again|* Alice is indented|Alice: marker|'

finish
