#!/bin/sh
# Goal: options stand in a file as well; what is wrong with it is named by file and line; SIGHUP changes what can
# change, names that, and names what cannot.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

"$partyline" --version >version

# --- Mistakes -----------------------------------------------------------------------------------------

# words ERROR: of the C library.
words() {
    wording "$1" | tr -d '\134'
}

# refused SENTENCE TEXT LINE...: the file of this text (as of printf) is refused with just these lines.
refused() {
    sentence=$1
    # shellcheck disable=SC2059 # The text is a format.
    printf "$2" >conf
    shift 2
    printf '%s\n' "$@" >wanted
    try "$partyline" --config conf
    is "$sentence: the status is 2" "$status" 2
    is "$sentence: it is told" "$(cat try.err)" "$(cat wanted)"
}
refused 'a value that is none' 'rate x\n' "conf:1: rate: 'x' is not a number of lines a second from 0 to 1000000"
refused 'a value with blanks' '\n\trate 5 6 \n' "conf:2: rate: '5 6' is not a number of lines a second from 0 to 1000000"
refused 'a value that is missing' 'rate\n' 'conf:1: rate: the value is missing (rate N)'
refused 'a name that is near another' 'rat 5\n' 'conf:1: rat: no such option; rate may be meant'
refused 'a name with dashes' '%s-rate 5\n' 'conf:1: -rate: no such option; rate may be meant'
refused 'a name that is near none' 'frobnicate 5\n' 'conf:1: frobnicate: no such option; --help names them'
refused 'a letter' 'q\n' 'conf:1: q: no such option; quiet may be meant'
refused 'a flag with a value' 'quiet yes\n' 'conf:1: quiet: it takes no value; without this line it is off'
refused 'an option twice' 'rate 5\nquiet\nrate 6\n' 'conf:3: rate: it stands in line 1 already'
refused 'a file in a file' 'config conf\n' 'conf:1: config: it stands on the command line only'
refused 'what is asked of the program' 'check-config\nhelp\nversion\ncluster-import x\n' \
    'conf:1: check-config: it stands on the command line only' 'conf:2: help: it stands on the command line only' \
    'conf:3: version: it stands on the command line only' 'conf:4: cluster-import: it stands on the command line only'
form="a line is 'name value', without '='"
refused 'a sign' 'rate=5\nrate = 5\n' "conf:1: rate: $form" "conf:2: rate: $form"
form="a name is of a-z, 0-9 and '-', with a blank behind it"
refused 'a capital' 'Rate 5\n' "conf:1: Rate: $form; rate may be meant"
refused 'an underscore' 'idle_timeout 5\n' "conf:1: idle_timeout: $form; idle-timeout may be meant"
refused 'a name of other letters' 'Größe 5\n' "conf:1: Größe: $form"
refused 'a NUL byte' 'rate 5\n\000\n' 'conf:2: the line has a NUL byte; this is no text'
refused 'a control character' 'motd a\033b\n' 'conf:1: the line has a control character'
refused 'an address' 'listen host\n' "conf:1: listen: 'host' is not [HOST:]PORT, [IPV6]:PORT, *:PORT or unix:PATH"
refused 'nats-servers' 'cluster http://127.0.0.1:1\n' \
    "conf:1: cluster: server 1 of the list, 'http://127.0.0.1': its scheme is neither nats:// nor tls://"
refused 'nats-servers with a password' 'cluster nats://127.0.0.1:1,nats://me:secret@127.0.0.1:22x\n' \
    'conf:1: cluster: server 2 of the list: its port is no number from 1 to 65535'
if ! has version 'with NATS'; then
    refused 'nats-servers in a build without libnats' 'cluster nats://127.0.0.1:1\n' 'conf:1: cluster: this build lacks NATS; '\
'install libnats (Debian: libnats-dev; Homebrew: cnats) with pkg-config, and build again'
fi
refused "a cluster's name" 'cluster-name x.y z\n' \
    "conf:1: cluster-name: 'x.y z' is not 1 to 32 of A-Z a-z 0-9 - _"
refused 'what is wanted by others' '\n\nlockdown\noperator Olga\n' \
    'conf:4: operator: names are registered only with --data FILE or --cluster, which is missing' \
    'conf:3: lockdown: names are registered only with --data FILE or --cluster, which is missing'
refused 'a log that would be written into the message' 'motd m\nlog m\n' \
    'conf:2: log: it is the file of --motd, too; give each a file of its own'
refused 'or into the configuration' 'log ./conf\n' 'conf:1: log: it is the file of --config, too; give each a file of its own'
: >plain
ln plain linked
refused 'or into a file of two names' 'password-file plain\nlog linked\n' \
    'conf:2: log: it is the file of --password-file, too; give each a file of its own'
refused 'what would have no effect' 'retain 90\nnode east\n' \
    'conf:1: retain: it needs --data FILE' 'conf:2: node: it needs --cluster SERVERS'
refused 'all that is wrong' '# a comment\n\nrate x\nsendq 1\nfrob\nquiet\nrate 5\n' \
    "conf:3: rate: 'x' is not a number of lines a second from 0 to 1000000" \
    "conf:4: sendq: '1' is not a number of bytes from 16384 to 1073741824" \
    'conf:5: frob: no such option; --help names them'
refused 'the bytes of a line' "motd $(head -c 5000 /dev/zero | tr '\0' x)\n" 'conf:1: the line is longer than 4096 bytes'
head -c 70000 /dev/zero | tr '\0' '\n' >conf
try "$partyline" --config conf
is 'a file that is too long' "$status: $(cat try.err)" '2: conf: cannot read it: it has more than 64 KiB'
try "$partyline" --config nowhere
is 'a file that is not there' "$status: $(cat try.err)" "2: nowhere: cannot read it: $(words ENOENT)"
try "$partyline" --config .
is 'a directory' "$status: $(cat try.err)" "2: .: cannot read it: $(words EISDIR)"
mkfifo pipe
try "$partyline" --config pipe
is 'what has no end' "$status: $(cat try.err)" '2: pipe: cannot read it: it is no regular file'

# --- --check-config -----------------------------------------------------------------------------------

# checked SENTENCE STATUS OUTPUT [OPTION...]: --check-config ends so, with these lines in all.
checked() {
    sentence=$1 wanted_status=$2 wanted=$3
    shift 3
    try "$partyline" --check-config "$@"
    is "$sentence: the status" "$status" "$wanted_status"
    is "$sentence: the words" "$(cat try.out try.err)" "$wanted"
}
printf 'Be nice.\n' >motd
printf '\357\273\277# for all\r\n\r\n  listen \t *:8888 \r\ntelnet *:23\r\nmotd motd\r\noperator A\noperator B\ndata d' >conf
if has version 'with SQLite'; then
    checked 'a file as some editors write it' 0 'conf: ok' --config conf
    check 'it opens no data file' [ ! -e d ]
else
    skip 'a file as some editors write it is in order' 'this build lacks SQLite'
fi
: >conf
checked 'an empty file' 0 'conf: ok' --config conf
checked 'a command line alone' 0 'command line: ok' --rate 5
checked 'a mistake there' 2 "partyline: --rate: 'x' is not a number of lines a second from 0 to 1000000
Try 'partyline --help'." --config conf --rate x
printf 'rate 5\nmotd none\npassword-file empty\nlog nowhere/log\n' >conf
: >empty
checked 'files that cannot be used' 2 "conf:2: motd: cannot read none: $(words ENOENT)
conf:3: password-file: cannot read empty: the first line must be 1 to 255 bytes of text in UTF-8
conf:4: log: cannot write nowhere/log: $(words ENOENT)" --config conf
mkdir root
checked 'what is below another root has no slash too many' 2 "partyline: --log: cannot write root/nowhere/log: $(words ENOENT)" \
    --chroot root/ --log /nowhere/log
checked 'a directory is no log' 2 "partyline: --log: cannot write root: $(words EISDIR)" --log root
checked 'also with a slash behind it' 2 "partyline: --log: cannot write root/: $(words EISDIR)" --log root/
if has version 'with SQLite'; then
    checked 'nor a data file' 2 "partyline: --data: cannot write root: $(words EISDIR)" --data root
fi
if has version 'with NATS'; then
    checked 'nor credentials' 2 "partyline: --cluster-creds: cannot read root: $(words EISDIR)" \
        --cluster nats://127.0.0.1:1 --cluster-creds root
fi
printf 'listen unix:nowhere/door\nlisten unix:root/door\nmetrics unix:root/no/figures\nlisten 1\n' >conf
checked 'a unix socket in a folder that is not there' 2 "\
conf:1: listen: cannot listen on unix:nowhere/door: $(words ENOENT)
conf:3: metrics: cannot listen on unix:root/no/figures: $(words ENOENT)" --config conf
checked 'also on the command line' 2 "\
partyline: --telnet: cannot listen on unix:conf/door: $(words ENOTDIR)" --telnet unix:conf/door --listen unix:door
printf 'metrics 127.0.0.1:8888\nlisten 8889\nlisten lines+proxy://8888\ntelnet 8889\n' >conf
checked 'an address twice' 2 "\
conf:3: listen: '8888' is given already, as '127.0.0.1:8888'; each needs a port or a path of its own
conf:4: telnet: '8889' is given already, as '8889'; each needs a port or a path of its own" --config conf
checked 'those that do not count' 2 "\
conf:1: metrics: '127.0.0.1:8888' is given already, as '8888'; each needs a port or a path of its own" \
    --listen 8888 --config conf
echo secret >word
chmod 0604 word
checked 'a password that everybody can read is in order, but told' 0 "command line: ok
partyline: --password-file: everybody here can read word (chmod o-r would end that)" --password-file word
checked 'pipes' 2 "partyline: --motd: cannot read pipe: it is no regular file
partyline: --password-file: cannot read pipe: it is no regular file" --motd pipe --password-file pipe
checked 'and on the command line' 2 "partyline: --motd: cannot read none: $(words ENOENT)" --motd none

# make_certificate NAME: NAME.pem, and its key NAME.key.
make_certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
        -keyout "$1.key" -out "$1.pem" >/dev/null 2>&1
}
tls=no
if has version 'with OpenSSL' && command -v openssl >/dev/null; then
    tls=yes
    refused 'what does not go together' 'quiet\nlisten lines+tls://8888\n' \
        'conf:2: listen: an address with +tls wants a certificate; give it by --tls-cert FILE, and its key by --tls-key FILE'
    make_certificate one
    make_certificate two
    chmod 0600 one.key
    printf 'listen lines+tls://8888\ntls-cert one.pem\ntls-key one.key\n' >conf
    checked 'a certificate and its key' 0 'conf: ok' --config conf
    printf 'listen lines+tls://8888\ntls-cert one.pem\ntls-key two.key\n' >conf
    try "$partyline" --check-config --config conf
    check 'a certificate and the key of another' matches try.err '^conf:3: tls-key: .*two\.key'
    printf 'listen lines+tls://8888\ntls-cert one.pem\ntls-key one.key\ntls-client-ca one.key\n' >conf
    try "$partyline" --check-config --config conf
    check 'authorities that are none' matches try.err '^conf:4: tls-client-ca: .*there is no certificate in it'
    printf 'listen lines+tls://8888\ntls-cert absent.pem\ntls-key absent.key\ntls-client-ca one.key\n' >conf
    checked 'all that is wrong with certificate, key and authorities' 2 "\
conf:2: tls-cert: cannot use the certificate absent.pem: $(words ENOENT)
conf:3: tls-key: cannot use the private key absent.key: $(words ENOENT)
conf:4: tls-client-ca: cannot use the certificates of one.key: there is no certificate in it; PEM has one behind a line \
-----BEGIN CERTIFICATE-----" --config conf
    printf 'listen lines+tls://8888\ntls-cert absent.pem\n' >conf
    checked 'a file for certificate and key once' 2 \
        "conf:2: tls-cert: cannot use the certificate absent.pem: $(words ENOENT)" --config conf
    printf 'listen lines+tls://8888\ntls-cert one.pem\ntls-key one.key\n' >conf
    chmod 0604 one.key
    checked 'a key that everybody can read is in order, but told' 0 "conf: ok
conf:3: tls-key: everybody here can read the private key in one.key (chmod o-r would end that)" --config conf
    chmod 0600 one.key
else
    skip 'a certificate is checked' 'no openssl here, or not in this build'
fi

# --- The command line wins ----------------------------------------------------------------------------

# signal FILE: has the server read this file, and waits until it has: another setting tells.
signals=0
signal() {
    signals=$((signals + 1))
    printf 'user user%d\n' "$signals" | cat "$1" - >conf
    kill -HUP "$server"
    wait_for console "The setting user takes a restart: none -> user$signals"
}

# set_to LINE...: the file has these lines from now on.
set_to() {
    printf '%s\n' "$@" >lines
    check "SIGHUP reads: $*" signal lines || finish
}

# takes_place NAME: comes in, where somebody has gone: their place is free a moment after all are told.
takes_place() {
    connect "$1"
    say "$1" "$1"
    wait_for_match "$1" "Welcome, $1\\. |The chat is full"
    has "$1" "*** Welcome, $1. "
}

# says OPTION VALUES: the console has this change.
says() {
    check "the change of $1 is told" wait_for console "The setting $1 has changed: $2"
}

printf 'listen 127.0.0.1:1\ntelnet 127.0.0.1:2\nmax-clients 2\nno-welcome\nrate 1000\n' >conf
start --config conf --max-clients 3
is 'addresses of the command line replace those of the file' "$(count console '^Chat server running')" 1
welcoming=no
enter Alice
check 'and what it does not have is that of the file' lacks Alice Welcome
enter Bob
enter Carol
connect Dave
check 'the command line wins' wait_for Dave 'The chat is full'
set_to 'max-clients 1' 'rate 900'
says rate '1000 -> 900'
says no-welcome 'on -> off'
welcoming=yes
leave Carol
wait_for Alice 'Carol has left'
check 'also after SIGHUP, and the rest changes' within "$patience" takes_place Erin
check 'nothing is said of what the command line has' lacks console 'setting max-clients'
check 'the server stops' stop

# --- What changes -------------------------------------------------------------------------------------

echo 'login-timeout 0' >conf
start --config conf
enter Alice
enter Bob
say Alice 'One.'
say Alice 'Two.'
say Alice 'Three.'
say Alice 'Four.'
settle Alice
say Alice '/join side'
check 'rooms can be made' wait_for Alice 'You are in #side'
say Alice '/leave'
settle Alice

connect Sleepy
wait_for Sleepy 'Enter your name'
set_to 'login-timeout 1'
says login-timeout '0 -> 1'
connect Tired
check 'login-timeout: who comes then is disconnected' wait_for Tired 'Disconnected: idle timeout.'
say Sleepy Sleepy
hang_up Tired
check 'and who came before is not' wait_for Sleepy 'Welcome, Sleepy'
quit Sleepy

set_to 'idle-timeout 1' 'telnet-idle 1'
says idle-timeout '300 -> 1'
says telnet-idle '0 -> 1'
enter Idle
check 'idle-timeout: who comes then is disconnected' wait_for Idle 'Disconnected: idle timeout.'
hang_up Idle
wait_for_match console '^Idle .* has left: idle'
set_to 'max-clients 3'
says idle-timeout '1 -> 300'
says max-clients 'none -> 3'
within "$patience" takes_place Carol
connect Dave
check 'max-clients: one more is refused' wait_for Dave 'The chat is full'
quit Carol
set_to 'max-per-host 2'
connect Dave
check 'max-per-host: one more of the same address is refused' wait_for Dave 'Too many connections from your address'
hang_up Dave

set_to 'rooms-per-client 1'
say Alice '/join other'
check 'rooms-per-client: another room is refused' wait_for_match Alice '^\*\*\* .*rooms.* \*\*\*$'
set_to 'max-rooms 2'
say Alice '/join one'
wait_for Alice 'You are in #one'
say Bob '/join two'
check 'max-rooms: one more is refused' wait_for_match Bob '^\*\*\* .*rooms.* \*\*\*$'
say Alice /leave
settle Alice

set_to 'history 2'
say Bob /history
settle Bob
check 'history: the newest lines are there' wait_for_count 2 Bob 'Alice: Four\.'
is 'and what is older is not' "$(count Bob 'Alice: Two\.')" 1

set_to 'presence-limit 1'
enter Carol
check 'presence-limit: comings are summed up' wait_for_match Alice '^\*\*\* [0-9]+ joined, [0-9]+ left; 3 here \*\*\*$'
quit Carol
set_to 'no-welcome'
welcoming=no
enter Carol
say Carol 'I am here.'
check 'no-welcome: there is none' wait_for Alice 'Carol: I am here.'
check 'for who comes then' lacks Carol Welcome
welcoming=yes

set_to 'rate 1'
seq -f 'line %g' 1 30 >thirty # the last one comes half a minute later, or when the limit is gone
feed Carol thirty
check 'rate: a burst passes' wait_for Alice 'Carol: line 4'
say Bob 'Meanwhile.'
check 'the rest waits' wait_for Alice 'Bob: Meanwhile.'
check 'its time' lacks Alice 'Carol: line 30'
check 'and comes' told Alice 'Carol: line 6'

set_to 'quiet' 'log log'
says quiet 'off -> on'
says log 'none -> log'
say Bob 'Only in the file.'
check 'log: a file is begun' wait_for log 'Bob: Only in the file.'
check 'quiet: the console has no talk' lacks console 'Only in the file.'
set_to 'log log2'
say Bob 'In the second.'
check 'another file takes its place' wait_for log2 'Bob: In the second.'
set_to 'rate 0'
say Bob 'On the console.'
check 'and none' wait_for console 'Bob: On the console.'
is 'each has its own' "$(cat log log2 | grep -c 'Bob: ')" 2
set_to 'log nowhere/log'
check 'a file that cannot be opened is told' wait_for console \
    "Cannot open the file of --log: $(words ENOENT). The log stays where it is."
mkdir nowhere
set_to 'log nowhere/log'
say Bob 'In the third.'
check 'and is opened when it can be' wait_for nowhere/log 'Bob: In the third.'
says log 'none -> nowhere/log'
set_to 'log elsewhere/log'
check 'nor does one take the place of another that cannot be opened' wait_for_count 2 console 'Cannot open the file of --log: '
check 'which is not told as if it did' lacks console '-> elsewhere/log'
say Bob 'Still in the third.'
check 'and what is said goes on there' wait_for nowhere/log 'Bob: Still in the third.'
if has version 'with NATS'; then
    set_to 'cluster nats://me:secret@127.0.0.1:4222'
    check 'what may have a password is not told' wait_for console 'The setting cluster takes a restart: (not shown)'
    check 'nor anywhere else' lacks console me:secret
else
    skip 'what may have a password is not told' 'this build lacks NATS'
fi

set_to 'motd motd'
say Alice /motd
check 'motd: there is one' wait_for Alice '*** Be nice. ***'
says motd 'none -> motd'
set_to 'motd absent'
check 'one that cannot be read is told' wait_for console \
    "Cannot read the file of --motd again: $(words ENOENT). What was read before stays."
set_to 'motd missing' 'password-file absent'
check 'and not as if it held' lacks console '-> absent'
set_to 'motd missing' 'rate 8'
echo 'Be kind.' >missing
printf 'motd missing\nrate x\n' >conf
kill -HUP "$server"
says motd 'motd -> missing'
say Alice /motd
check 'when it can be read, it holds' wait_for Alice '*** Be kind. ***'
set_to 'motd motd' 'rate 8'
says motd 'missing -> motd'
is 'what held all the time is told once' "$(count console '^The setting rate has changed: 0 -> 8$')" 1
check 'and a password that never was, never' lacks console 'The setting password-file has changed: none -> absent'
set_to 'motd motd'
echo secret >word
set_to 'password-file word'
say Bob /motd
check 'and then there is none' wait_for Bob 'There is no message of the day'
connect Dave
check 'password-file: whoever comes is asked' wait_for Dave 'Password'
say Dave secret
say Dave Dave
check 'and may come in with it' wait_for Dave 'Welcome, Dave'
set_to 'sendq 16384'
says sendq '1048576 -> 16384'
says password-file 'word -> none'
quit Dave

# --- What does not change -----------------------------------------------------------------------------

set_to 'listen 127.0.0.1:1' 'max-line 100'
check 'what takes a restart is told' wait_for console 'The setting max-line takes a restart: 4096 -> 100'
check 'but for what the command line has' lacks console 'setting listen'
set_to 'max-line 100'
is 'it is told once' "$(count console 'setting max-line')" 1
set_to 'rate 3'
is 'and not when it is as at the start again' "$(count console 'setting max-line')" 1
set_to 'max-line 100'
say Bob "$(head -c 200 /dev/zero | tr '\0' x)"
check 'and does not hold' wait_for Alice 'Bob: xxxx'
cat >conf <<'END'
rate 7
rate x
frob
END
kill -HUP "$server"
check 'a mistake is told' wait_for console 'The settings stay as they are: conf:2: rate: it stands in line 1 already'
check 'and the next one' wait_for console 'The settings stay as they are: conf:3: frob: no such option; --help names them'
check 'and nothing changes' lacks console '-> 7'
rm conf
kill -HUP "$server"
check 'nor without the file' wait_for console \
    "The settings stay as they are: conf: cannot read it: $(words ENOENT)"
check 'the chat goes on' serves

check 'the server stops' stop

# --- Accounts and certificates ------------------------------------------------------------------------

if has version 'with SQLite'; then
    echo 'data chat.db' >conf
    start --config conf
    enter Alice
    enter Olga
    say Olga '/register one long word'
    wait_for Olga 'The name Olga is yours'
    say Olga '/wall Too early.'
    check 'operator: somebody is none' wait_for Olga 'Only operators may do that'
    set_to 'data chat.db' 'operator Olga'
    says operator 'none -> Olga'
    say Olga '/wall In time.'
    check 'and is one at once' wait_for Alice 'In time.'
    set_to 'data chat.db' 'lockdown' 'retain 7'
    says operator 'Olga -> none'
    says lockdown 'off -> on'
    says retain '90 -> 7'
    say Olga '/wall Too late.'
    check 'and none at once' wait_for_count 2 Olga 'Only operators may do that'
    connect Bob
    say Bob Bob
    check 'lockdown: who has no account stays out' wait_for Bob 'Only registered names are let in now'
    set_to 'data chat.db'
    say Bob Bob
    check 'and comes in when it is off' wait_for Bob 'Welcome, Bob'
    check 'nobody else was told' lacks Alice 'Too '
    set_to 'data chat.db' 'operator none'
    says operator "none -> 'none'"
    check 'the server stops' stop
else
    skip 'operator, lockdown' 'this build lacks SQLite'
fi

# shows NAME: whether the server's certificate is that one.
shows() {
    openssl s_client -connect "127.0.0.1:$port" </dev/null 2>/dev/null | grep -q "^subject=.*$1"
}
if [ $tls = yes ]; then
    printf 'tls-cert one.pem\ntls-key one.key\n' >conf
    : >console
    start --config conf --listen lines+tls://127.0.0.1:0
    port=$(sed -n 's/^Chat server running on .*:\([0-9]*\) (lines+tls)$/\1/p' console)
    check 'a certificate is shown' shows one
    set_to 'tls-cert two.pem' 'tls-key two.key'
    says tls-cert 'one.pem -> two.pem'
    check 'tls-cert: another one is shown' shows two
    set_to 'tls-cert one.pem' 'tls-key two.key'
    check 'one of another key is not taken' wait_for console 'Cannot read the files of TLS again'
    check 'and the one before stays' shows two
    check 'nor told as if it was' lacks console 'two.pem -> one.pem'
    set_to 'tls-cert one.pem' 'tls-key absent.key' 'tls-client-ca absent.pem'
    for fault in 'private key absent.key' 'certificates of absent.pem'; do
        check 'all that is wrong is told' wait_for console "Cannot read the files of TLS again: cannot use the $fault"
    done
    set_to 'tls-cert one.pem' 'tls-key one.key' 'tls-client-ca absent.pem'
    set_to 'tls-cert one.pem' 'tls-key one.key' 'tls-client-ca two.pem'
    says tls-client-ca 'none -> two.pem'
    says tls-cert 'two.pem -> one.pem'
    check 'authorities that are none are not told as if they were' lacks console '-> absent.pem'
    check 'the server stops' stop
else
    skip 'tls-cert: another one is shown' 'no openssl here, or not in this build'
fi

# --- Readers that stop --------------------------------------------------------------------------------

printf 'drain-timeout 3600\nsendq 1073741824\ngrace 600\n' >conf
start --config conf
enter Alice
enter Bob
# flood_beside NAME: who comes in under it reads nothing any more, while Alice says a lot.
flood_beside() {
    enter "$1"
    kill -STOP "$(process_of "$1")"
    awk 'BEGIN { for (i = 0; i < 4000; i++) printf "%0999d\n", i; print "/sync over" }' </dev/null >flood
    feed Alice flood
    wait_for Bob 'Alice: 000'
}
flood_beside Stopped
set_to 'drain-timeout 0.2' 'sendq 1073741824' 'grace 600'
check 'drain-timeout: a reader that reads nothing is cut off' wait_for_match console '^Stopped .* has left: too slow$'
wait_for Alice 'Synced: over'
set_to 'drain-timeout 3600' 'sendq 1073741824' 'grace 600'
enter Halted
kill -STOP "$(process_of Halted)"
awk 'BEGIN { for (i = 0; i < 4000; i++) printf "%0999d\n", i }' </dev/null >flood
feed Alice flood
wait_for Bob '000003'
set_to 'drain-timeout 3600' 'sendq 1073741824' 'grace 1'
says grace '600 -> 1'
check 'grace: a reader that reads nothing holds the server no longer' stop
for name in Stopped Halted; do
    kill -KILL "$(process_of $name)"
done

# --- Which is which -----------------------------------------------------------------------------------

# A value that is none of the defaults, for each option that can stand in a file.
cat >all <<'END'
listen 127.0.0.1:1
idle-timeout 7
telnet-idle 7
login-timeout 7
max-clients 7
max-per-host 7
max-line 77
rate 7
sendq 77777
drain-timeout 7.5
history 7
max-rooms 7
rooms-per-client 7
presence-limit 7
grace 7.25
log log
motd motd
password-file word
quiet
no-welcome
END
cp all conf
if has version 'with NATS'; then
    printf '%s\n' 'cluster nats://127.0.0.1:1' 'cluster-name other' 'cluster-creds word' 'node name' 'link-timeout 7' \
        'snapshot-every 77' 'stream-size 77' >>conf
fi
if has version 'with SQLite'; then
    printf 'data chat.db\noperator Olga\nlockdown\nretain 7\n' >>conf
fi
if [ $tls = yes ]; then
    printf 'listen lines+tls://127.0.0.1:2\ntls-cert one.pem\ntls-key one.key\ntls-client-ca one.pem\n' >>conf
fi
cut -d ' ' -f 1 conf | sort -u >given
cp conf full
echo 'listen unix:first' >conf
: >console
"$partyline" --config conf >console 2>errors </dev/null &
server=$!
check 'a server has its address from the file' within "$patience" announced
cp full conf
kill -HUP "$server"
check 'all that differs is told' wait_for console 'The setting no-welcome has changed: off -> on'
connect Anybody -U first
say Anybody secret
say Anybody Anybody
check 'a lockdown keeps nobody out where there are no accounts' wait_for_match console '^Anybody .* has joined'
kill -HUP "$server"
kill -HUP "$server"
check 'the server stops, also while it reads' stop
sed -nE 's/^The setting ([a-z-]*) (has changed|takes a restart): .*/\1/p' console | sort -u >told
is 'each option is told of' "$(cat told)" "$(cat given)"
# The manual and ARCHITECTURE name those that change. Those of TLS and of accounts do not where there are none.
sed -n '/^\.Ss Changes while/,/^Of any other/p' "$root/docs/partyline.1" | sed -n 's/^\.Fl -\([a-z-]*\).*/\1/p' |
    sort >manual
sed -n '/^| option | who reads it/,/^$/p' "$root/docs/ARCHITECTURE.md" | cut -d '|' -f 2 | tr -d '\140 ' |
    tr , '\n' | grep -x '[a-z].*' | grep -vx option | sort >architecture
sed -n 's/^The setting \([a-z-]*\) has changed: .*/\1/p' console | sort >changed
is 'the documents name the same options' "$(cat manual)" "$(cat architecture)"
grep -vE '^(tls-.*|operator|lockdown)$' manual | grep -xFf given >changing
is 'and those are what changes' "$(cat changed)" "$(cat changing)"

finish
