#!/bin/sh
# Goal: TLS is a way in as every other: people talk over it with the usual clients, nothing is lost
# when they leave, a certificate can prove a name and can be exchanged while the server runs, and who
# does not speak TLS costs nobody anything.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! "$partyline" --version | grep -q 'with OpenSSL'; then
    try "$partyline" --listen lines+tls://127.0.0.1:0 --tls-cert cert.pem
    is 'a build without OpenSSL refuses +tls with status 2' "$status" 2
    check 'and says what it lacks' has try.err 'this build lacks OpenSSL'
    finish
fi
if ! command -v openssl >/dev/null 2>&1; then
    skip 'TLS' 'no openssl here, to make certificates'
    finish
fi

# certificate NAME [OPTION...]: makes NAME.pem and NAME.key.
certificate() {
    made=$1
    shift
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$made" \
        -keyout "$made.key" -out "$made.pem" "$@" >/dev/null 2>&1
}
certificate localhost
certificate other

# --- Mistakes -----------------------------------------------------------------------------------------

# refuses WORDS [OPTION...]: the server does not start, with these words.
refuses() {
    words=$1
    shift
    try "$partyline" --listen lines+tls://127.0.0.1:0 "$@"
    check "partyline $* is refused" [ "$status" -ne 0 ]
    check 'with the reason' has try.err "$words"
}
refuses 'an address with +tls wants a certificate'
refuses 'cannot use the certificate absent.pem: No such file' --tls-cert absent.pem
refuses 'cannot use the certificate localhost.key' --tls-cert localhost.key
refuses '--tls-cert: cannot use the private key localhost.pem: there is no private key in it beside' --tls-cert localhost.pem
refuses 'cannot use the private key other.key: it is the key of another certificate' --tls-cert localhost.pem --tls-key other.key
refuses '--tls-cert: cannot use the certificate absent.pem: No such file' --tls-cert absent.pem --tls-key localhost.pem
check 'and that of the key as well' has try.err '--tls-key: cannot use the private key localhost.pem: there is no private key'
try "$partyline" --listen 127.0.0.1:0 --tls-cert localhost.pem --tls-key localhost.key
is 'a certificate that nobody is shown is refused' "$status" 2
check 'with the reason' has try.err 'no address speaks TLS'

# --- The usual clients --------------------------------------------------------------------------------

cat localhost.pem localhost.key >both.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Alice -keyout alice.key \
    -out alice.csr >/dev/null 2>&1
certificate authority
openssl x509 -req -in alice.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 \
    -out alice.pem >/dev/null 2>&1
set -- --listen 127.0.0.1:0 --listen lines+tls://127.0.0.1:0 --listen telnet+tls://127.0.0.1:0 \
    --listen machine+tls://127.0.0.1:0 --listen lines+tls+proxy://127.0.0.1:0 \
    --tls-cert both.pem --tls-client-ca authority.pem --login-timeout 8
"$partyline" --version | grep -q 'without SQLite' || set -- "$@" --data talk.db
chmod 0644 both.pem
start "$@"
check 'a key that everybody can read is told' has errors \
    'partyline: --tls-cert: everybody here can read the private key in both.pem (chmod o-r would end that)'
# port_of SPOKEN
port_of() {
    sed -n "s/^Chat server running on .*:\\([0-9]*\\) ($1)\$/\\1/p" console
}
tls=$(port_of 'lines+tls')
# by_tls CLIENT [OPTION...]: connects by openssl's client.
by_tls() {
    newcomer=$1
    shift
    connect_with "$newcomer" openssl s_client -connect "127.0.0.1:$tls" -quiet -no_ign_eof \
        -CAfile localhost.pem "$@"
}
enter Plain
for version in 1_2 1_3; do
    by_tls "Tina$version" "-tls$version"
    say "Tina$version" "Tina$version"
    check "TLS $version: somebody comes in" joined "Tina$version"
    say "Tina$version" 'Hello, all.'
    check 'and is heard' told Plain "Tina$version: Hello, all."
    say Plain "Hello, $version."
    check 'and hears' told "Tina$version" "Plain: Hello, $version."
done
by_tls Old -tls1_1 -cipher ALL@SECLEVEL=0
check 'TLS 1.1 is not spoken' wait_for_match console 'was refused: its TLS handshake has failed: .*(protocol|version)'
if command -v ncat >/dev/null 2>&1; then
    connect_with Nick ncat --ssl 127.0.0.1 "$tls"
    say Nick Nick
    check 'ncat: somebody comes in' joined Nick
    leave Nick
    check 'and leaves' wait_for_match console '^Nick \(.*has left'
fi
if command -v gnutls-cli >/dev/null 2>&1; then
    connect_with Gina gnutls-cli --no-ca-verification -p "$tls" 127.0.0.1
    check 'gnutls-cli: it connects' wait_for Gina 'Enter your name'
    say Gina Gina
    check 'somebody comes in' wait_for_match console '^Gina \(.*has joined'
    leave Gina
    check 'and leaves' wait_for_match console '^Gina \(.*has left: closed'
fi
if command -v socat >/dev/null 2>&1; then
    connect_with Sam socat - "OPENSSL:127.0.0.1:$tls,cafile=localhost.pem,commonname=localhost"
    say Sam Sam
    check 'socat: somebody comes in' joined Sam
    leave Sam
    check 'and leaves' wait_for_match console '^Sam \(.*has left: closed'
fi
seq -f 'Line %g of many, all of which arrive.' 1 20000 >lines
by_tls Flood
say Flood Flood
joined Flood
feed Flood lines
check 'a flood over TLS arrives whole' within 60 has_line Tina1_3 'Flood: Line 20000 of many, all of which arrive.'
sed 's/^/Flood: /' lines >wanted.flood
grep '^Flood: ' Tina1_3 >got.flood
check 'in order, and each line once' cmp wanted.flood got.flood
hang_up Flood
by_tls Tom
say Tom Tom
joined Tom
hang_up Tom
check 'who hangs up has left' told Plain '*** Tom has left the chat ***'
connect Proxied 127.0.0.1 "$(port_of 'lines+tls+proxy')"
send Proxied 'PROXY TCP4 203.0.113.9 192.0.2.1 1 2\r\nhello\n'
check 'behind a proxy the handshake comes after the header' wait_for console \
    '203.0.113.9:1 was refused: its TLS handshake has failed'

# --- Ends ---------------------------------------------------------------------------------------------

if command -v python3 >/dev/null 2>&1; then
    cat >end.py <<'END'
import socket, ssl, sys, time
# Speaks TLS by hand, to end it as it likes: usage: end.py PORT whole|cut|rude NAME LAST-WORDS
port, how, name, words = int(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4]
context = ssl.create_default_context(cafile="localhost.pem")
context.check_hostname = False
incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
tls = context.wrap_bio(incoming, outgoing)
line = socket.create_connection(("127.0.0.1", port))
line.settimeout(20)
def step(action):
    while True:
        try:
            return action()
        except ssl.SSLWantReadError:
            line.sendall(outgoing.read())
            got = line.recv(65536)
            if not got:
                incoming.write_eof()
            incoming.write(got)
        finally:
            line.sendall(outgoing.read())
step(tls.do_handshake)
said = b""
if how == "rude":       # it comes in, says that nothing more comes, and goes without having read a word
    tls.write((name + "\n").encode())
    line.sendall(outgoing.read())
    seen = 0
    while True:         # until the welcome has come, and lies unread
        got = len(line.recv(65536, socket.MSG_PEEK))
        if got == seen > 150:
            break
        seen = got
        time.sleep(0.2)
    tls.write(words.encode())
    try:
        tls.unwrap()
    except ssl.SSLError:
        pass
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sendall(outgoing.read())
    line.close()
    sys.exit()
step(lambda: tls.write((name + "\n").encode()))
while b"*** Welcome" not in said:
    said += step(lambda: tls.read(65536))
step(lambda: tls.write((words + "\n/who\nunfinished").encode()))
if how == "cut":
    line.close()
    sys.exit()
try:
    tls.unwrap()        # nothing more comes from here
except ssl.SSLError:
    pass
line.sendall(outgoing.read())
try:
    while True:
        got = step(lambda: tls.read(65536))
        if not got:
            break
        said += got
    end = "close_notify"
except ssl.SSLZeroReturnError:
    end = "close_notify"
except ssl.SSLError as fault:
    end = str(fault)
print(said.decode(), end)
print("the end:", end)
END
    python3 end.py "$tls" whole Wanda 'my last words' >wanda 2>&1
    check 'who has said all is answered all the same' has wanda ' here: ***'
    check 'what it said is heard' told Plain 'Wanda: my last words'
    check 'also the line without an end' told Plain 'Wanda: unfinished'
    check 'and the server says that nothing more comes' has wanda 'the end: close_notify'
    python3 end.py "$tls" cut Carl 'cut words' >carl 2>&1
    check 'who is cut off has left' wait_for_match console '^Carl \(.*has left'
    check 'its whole lines are heard' told Plain 'Carl: cut words'
    check 'half a line is not: the rest may be missing' lacks Plain 'Carl: unfinished'
    for count in 1 2 3 4 5; do
        python3 end.py "$tls" rude "Rudy$count" '/who' >rude.out 2>&1
        check 'who says that nothing more comes, and reads nothing, comes and goes' wait_for_match console \
            "^Rudy$count \\(.*has left"
    done
    say Plain 'Nobody waits for Rudy.'
    check 'and talk goes on' told Tina1_3 'Plain: Nobody waits for Rudy.'
else
    skip 'ends of TLS' 'no python3 here'
fi

# --- Certificates -------------------------------------------------------------------------------------

if "$partyline" --version | grep -q 'without SQLite'; then
    skip 'a certificate proves a name' 'this build has no accounts'
else
    enter Alice
    say Alice '/register correct horse battery'
    check 'a name is registered' wait_for Alice 'is yours now'
    hang_up Alice
    wait_for_match console '^Alice \(.*has left'
    by_tls AliceC -cert alice.pem -key alice.key
    say AliceC Alice
    check 'whose certificate proves the name is asked for no password' wait_for AliceC '*** Welcome, Alice. '
    hang_up AliceC
    wait_for_count 2 console '^Alice \(.*has left'
    by_tls AliceN
    say AliceN Alice
    check 'who has none is' wait_for AliceN 'Password: '
    hang_up AliceN
    by_tls Zoe -cert alice.pem -key alice.key
    say Zoe Zoe
    check 'with a certificate for another name one may have a free one' joined Zoe
    certificate Forger
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Alice -keyout forged.key \
        -out forged.csr >/dev/null 2>&1
    openssl x509 -req -in forged.csr -CA Forger.pem -CAkey Forger.key -CAcreateserial -days 2 \
        -out forged.pem >/dev/null 2>&1
    by_tls Mallory -cert forged.pem -key forged.key
    check 'a certificate that nobody vouches for ends the handshake' wait_for_match console \
        'its TLS handshake has failed: .*certificate verify failed'
fi

# shown: the name in the certificate that the server shows now.
shown() {
    openssl s_client -connect "127.0.0.1:$tls" </dev/null 2>/dev/null | sed -n 's/^subject=CN *= *//p'
}
shows() {
    [ "$(shown)" = "$1" ]
}
check 'the certificate is shown' shows localhost
cat other.pem other.key >both.pem
kill -HUP "$server"
check 'another one is, after SIGHUP' within 10 shows other
check 'the log tells that' wait_for console 'The files of TLS were read again'
check 'and that everybody can read its key' wait_for console \
    'See to the files of TLS: --tls-cert: everybody here can read the private key in both.pem'
if openssl x509 -req -in alice.csr -signkey alice.key -days 0 -out expired.pem >/dev/null 2>&1; then
    cat expired.pem alice.key >both.pem
    kill -HUP "$server"
    check 'one that has expired is told in the log' wait_for_match console \
        '^Cannot read the files of TLS again: the certificate both\.pem has expired, at 2.*\. What was read before stays\.$'
    check 'and the valid one stays' shows other
    try "$partyline" --check-config --listen lines+tls://127.0.0.1:0 --tls-cert expired.pem --tls-key alice.key
    is 'it is in order' "$status" 0
    check 'but told' has try.err 'partyline: --tls-cert: the certificate expired.pem has expired, at 2'
else
    skip 'a certificate that has expired is told' 'this openssl makes none'
fi
say Tina1_3 'Still here.'
check 'who has come before stays' told Plain 'Tina1_3: Still here.'
echo nonsense >both.pem
kill -HUP "$server"
check 'a bad one is told' wait_for console 'Cannot read the files of TLS again: cannot use the certificate both.pem'
check 'and the former one stays' shows other
rm both.pem
mkfifo both.pem
kill -HUP "$server"
check 'a FIFO is not waited for' wait_for console \
    'Cannot read the files of TLS again: cannot use the certificate both.pem: it is no regular file'
check 'and the server goes on' shows other

# --- Who does not end its handshake -------------------------------------------------------------------

connect Silent 127.0.0.1 "$tls"
check 'who says nothing is turned away in time' wait_for console \
    'was refused: its TLS handshake has failed: it has not ended in time' 30
say Plain 'All is well.'
check 'nobody minds' told Tina1_2 'Plain: All is well.'
connect Last 127.0.0.1 "$tls"
check 'the server stops at once, whoever is in a handshake' stop
check 'and tells the others' told Tina1_3 '*** The server is shutting down. ***'

# --- A server whose certificate has expired already ------------------------------------------------------

if [ -s expired.pem ]; then
    rm both.pem
    cat expired.pem alice.key >both.pem
    start --listen lines+tls://127.0.0.1:0 --tls-cert both.pem
    check 'at the start a certificate that has expired is taken, and told' has errors \
        'partyline: --tls-cert: the certificate both.pem has expired, at 2'
    tls=$(port_of 'lines+tls')
    openssl req -new -key localhost.key -subj /CN=late -out late.csr >/dev/null 2>&1
    openssl x509 -req -in late.csr -signkey localhost.key -days 0 -out late.pem >/dev/null 2>&1
    cat late.pem localhost.key >both.pem
    kill -HUP "$server"
    check 'another such one takes its place' within 10 shows late
    check 'and is told in the log' wait_for console \
        'See to the files of TLS: --tls-cert: the certificate both.pem has expired, at 2'
    cat other.pem other.key >both.pem
    kill -HUP "$server"
    check 'so does one that is valid' within 10 shows other
    stop
fi

# --- Authorities without a root -----------------------------------------------------------------------

# signed NAME BY [EXTENSIONS]: makes NAME.pem and NAME.key, by the authority BY.
signed() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$1.key" \
        -out "$1.csr" >/dev/null 2>&1
    printf '%s\n' "$3" >extensions
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -days 2 \
        -extfile extensions -out "$1.pem" >/dev/null 2>&1
}
doubt="is an authority's that vouches for itself, so all certificates of clients are refused; add the root's"
signed intermediate authority 'basicConstraints=critical,CA:TRUE'
signed Anna intermediate
cat Anna.pem intermediate.pem >Anna.chain
cp intermediate.pem authorities.pem
try "$partyline" --check-config --listen lines+tls://127.0.0.1:0 --tls-cert localhost.pem --tls-key localhost.key \
    --tls-client-ca authorities.pem
is 'authorities without a root are in order' "$status" 0
check 'but told' has try.err "partyline: --tls-client-ca: no certificate in authorities.pem $doubt"
start --listen lines+tls://127.0.0.1:0 --tls-cert localhost.pem --tls-key localhost.key --tls-client-ca authorities.pem
check 'at the start, too' has errors "partyline: --tls-client-ca: no certificate in authorities.pem $doubt"
tls=$(port_of 'lines+tls')
# refused_with CERTIFICATE KEY [OPTION...]: whether who shows that is turned away.
refused_with() {
    turned_away=$(count console 'certificate verify failed')
    by_tls Shown -cert "$1" -key "$2" -cert_chain Anna.chain
    wait_for_count $((turned_away + 1)) console 'certificate verify failed'
}
check 'what an intermediate authority has signed is refused then' refused_with Anna.pem Anna.key
cp Anna.pem authorities.pem
kill -HUP "$server"
check 'in the log after SIGHUP as well' wait_for console \
    "See to the files of TLS: --tls-client-ca: no certificate in authorities.pem $doubt"
check "a client's own certificate in their place vouches for nobody, either" refused_with Anna.pem Anna.key
cat intermediate.pem authority.pem >authorities.pem
kill -HUP "$server"
wait_for_count 2 console 'The files of TLS were read again'
by_tls Anna -cert Anna.pem -key Anna.key
say Anna Anna
check 'with the root whoever it vouches for comes in' joined Anna
is 'and nothing is told any more' "$(count console 'vouches for itself')" 1
finish
