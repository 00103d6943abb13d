#!/bin/sh
# Goal: at an address of any scheme, whoever sends nothing, or its bytes one by one, or not what is spoken
# there, is gone at the login timeout at the latest, and is told of in the log; talk goes on meanwhile.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v python3 >/dev/null 2>&1; then
    skip 'slow and wrong clients' 'no python3 here'
    finish
fi

# With TLS only where this build has it, and openssl is there to make a certificate.
schemes='lines telnet machine lines+proxy telnet+proxy machine+proxy'
set --
if "$partyline" --version | grep -q 'with OpenSSL' &&
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout key.pem \
        -out certificate.pem >/dev/null 2>&1; then
    for scheme in $schemes; do
        schemes="$schemes ${scheme%+proxy}+tls${scheme#"${scheme%+proxy}"}"
    done
    set -- --tls-cert certificate.pem --tls-key key.pem
else
    skip 'TLS' 'this build lacks OpenSSL, or there is no openssl'
fi
for scheme in $schemes; do
    set -- "$@" --listen "$scheme://127.0.0.1:0"
done
timeout=3
start --login-timeout "$timeout" "$@"

# port_of SCHEME
port_of() {
    spoken=" ($1)"
    [ "$1" != lines ] || spoken=
    sed -n "s/^Chat server running on .*:\\([0-9]*\\)$spoken\$/\\1/p" console
}
ports=
for scheme in $schemes; do
    ports="$ports $scheme=$(port_of "$scheme")"
done

cat >slow.py <<'END'
# Connects to each address in each way, and waits until the server has closed all connections. Prints a line for each
# that was open for longer than LIMIT seconds, or for less than one that the server should have waited for.
# usage: slow.py TIMEOUT LIMIT SCHEME=PORT...
import select, socket, ssl, sys, time
timeout, limit = float(sys.argv[1]), float(sys.argv[2])
places = dict(argument.rsplit("=", 1) for argument in sys.argv[3:])

def client_hello():
    outgoing = ssl.MemoryBIO()
    try:
        ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost").do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()

hello = client_hello()
header = b"PROXY TCP4 203.0.113.9 192.0.2.1 1 2\r\n"
name = b"x" * 40 # without an end

class Client:
    def __init__(self, scheme, way, first, rest, waits):
        self.what = scheme + ", " + way
        self.rest = rest # sent byte by byte, again and again; ten a second, as what gets too long is thrown out for that
        self.waits = waits # until the timeout
        self.at = 0
        self.began = time.monotonic()
        self.line = socket.create_connection(("127.0.0.1", int(places[scheme])))
        self.line.sendall(first)
        self.line.setblocking(False)
        self.ended = None
    def drip(self):
        if self.rest and time.monotonic() - self.began >= self.at / 10:
            try:
                self.line.send(self.rest[self.at % len(self.rest):][:1])
                self.at += 1
            except OSError:
                pass
    def read(self):
        try:
            ended = self.line.recv(65536) == b""
        except BlockingIOError:
            return
        except OSError:
            ended = True
        if ended:
            self.ended = time.monotonic() - self.began
            self.line.close()

clients = []
for scheme in places:
    tls, proxy = "+tls" in scheme, "+proxy" in scheme
    ways = [("silent", b"", b"", True), ("half a line, byte by byte", b"", name, not proxy and not tls)]
    if proxy:
        ways += [("a header byte by byte", b"", header[:-2], True), ("half a header", header[:20], b"", True),
                 ("a header, then silence", header, b"", True), ("a header, then half a line", header, name, not tls)]
    if tls:
        before = header if proxy else b""
        ways += [("ClientHello byte by byte", before, hello[:-1], True), ("half a ClientHello", before + hello[:50], b"", True),
                 ("a handshake that stops", before + hello, b"", True),
                 ("SSLv2", before + b"\x80\x2e\x01\x03\x01\x00\x15\x00\x00\x00\x10" + bytes(40), b"", False),
                 ("HTTP", before + b"GET / HTTP/1.0\r\n\r\n", b"", False),
                 ("a record that is too long", before + b"\x16\x03\x01\xff\xff" + bytes(100), b"", False)]
    clients += [Client(scheme, *way) for way in ways]

while any(client.ended is None for client in clients):
    for client in clients:
        if client.ended is None:
            client.drip()
            if time.monotonic() - client.began > limit:
                print(client.what, "is still there")
                client.ended = limit
    select.select([client.line for client in clients if client.ended is None], [], [], 0.05)
    for client in clients:
        if client.ended is None:
            client.read()
for client in clients:
    if client.waits and client.ended < timeout - 0.5:
        print(client.what, "was gone after", client.ended)
print(len(clients), "are gone")
END

enter Alice
enter Bob
# shellcheck disable=SC2086 # a port is a word
python3 slow.py "$timeout" 20 $ports >slow.out 2>&1 &
slow=$!
say Alice 'Does somebody disturb us?'
check 'talk goes on while they are there' told Bob 'Alice: Does somebody disturb us?'
wait "$slow"
is 'all are gone at the login timeout, and not before it' "$(grep -v 'are gone' slow.out)" ''
check 'all have been there' matches slow.out '^[0-9]+ are gone$'
sed 's/^/# /' slow.out
say Bob 'Nobody.'
check 'and when they are gone' told Alice 'Bob: Nobody.'
is 'nobody of them was in the chat' "$(grep -c 'has joined' console)" 2
if [ "${schemes#*tls}" != "$schemes" ]; then
    check 'who does not end its handshake is told of' has console 'its TLS handshake has failed: it has not ended in time'
    connect Wrong 127.0.0.1 "$(port_of lines)"
    send Wrong '\026\003\001\002\000\001\000\001\374\003\003hello hello\n'
    check 'a handshake where no TLS is spoken is an odd name' wait_for Wrong 'Enter your name'
    say Wrong Wilma
    check 'after which one may have a good one' wait_for_match console '^Wilma \(.*has joined'
fi
check 'the server stops' stop
finish
