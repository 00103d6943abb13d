#!/bin/sh
# Goal: the setups of docs/ADMIN.md work as they stand there: the public server's files, the one behind haproxy, and the
# authority of a closed network.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# block FENCE FILE: the first block of ADMIN.md that begins with that fence.
block() {
    awk -v fence="\`\`\`$1" '
        inside && /^```/ { exit }
        inside { print }
        $0 == fence { inside = 1 }' "$root/docs/ADMIN.md" >"$2"
    check "ADMIN.md has a block '$1'" test -s "$2"
}

# port_of SPOKEN: the port where the server listens for those.
port_of() {
    sed -n "s/^Chat server running on .*:\\([0-9]*\\) ($1)\$/\\1/p" console
}

# configured FILE: starts the server with these settings alone.
configured() {
    : >console
    "$partyline" --config "$1" >>console 2>errors </dev/null &
    server=$!
    check "the server starts with $1" within "$patience" announced "$(grep -cE '^(listen|telnet|machine|metrics) ' "$1")"
}

"$partyline" --version >version
if ! has version 'with OpenSSL' || ! command -v openssl >/dev/null 2>&1; then
    skip 'the setups of ADMIN.md work' 'this build lacks OpenSSL, or there is no openssl'
    finish
fi
umask 077

# --- The authority of a closed network ------------------------------------------------------------------------

block 'sh authority' authority.sh
sed 's/rsa:3072/rsa:2048/' authority.sh >authority.run # it need not last
check 'an authority is made' sh -e authority.run 2>/dev/null
check 'with its certificate' test -s chat.pem

# --- A public server --------------------------------------------------------------------------------------------

block 'nft' firewall.nft
if [ "$(id -u)" = 0 ] && command -v nft >/dev/null 2>&1 && nft list ruleset >/dev/null 2>&1; then
    check 'the rules of the firewall are rules' nft -c -f firewall.nft
else
    skip 'the rules of the firewall are rules' 'no nft here, or not its rights'
fi

block 'sh deploy' deploy
mkdir lineage bin
cp chat.pem lineage/fullchain.pem
cp chat.key lineage/privkey.pem
printf '#!/bin/sh\necho "$*" >>%s/called\n' "$work" >bin/systemctl
chmod 755 bin/systemctl
if id partyline >/dev/null 2>&1; then
    cp deploy deploy.run
else
    sed "s/-g partyline/-g $(id -gn)/" deploy >deploy.run
fi
deployed() {
    PATH=$work/bin:$PATH RENEWED_LINEAGE=$work/lineage PARTYLINE_TLS=$work/tls sh deploy.run
}
check "certbot's hook copies the certificate" deployed
check 'has the server read it' has called 'reload-or-restart partyline'
is 'and the key is not for everybody' "$(find tls/privkey.pem -perm 0640)" tls/privkey.pem

block 'conf' public.conf
sed "s,/etc/partyline/,$work/tls/,; s,/var/lib/partyline/,$work/,; s,/var/log/partyline/,$work/,
    s,\*:[0-9]*,127.0.0.1:0,; /^quiet/d" public.conf >public.run
has version 'with SQLite' || sed -i.bak '/^data/d; /^operator/d' public.run
check 'the settings are right' "$partyline" --check-config --config public.run
configured public.run
tls=$(port_of 'telnet+tls')
mkfifo to.alice
openssl s_client -quiet -verify_return_error -CAfile authority.pem -verify_hostname chat.internal \
    -connect "127.0.0.1:$tls" <to.alice >Alice 2>alice.err &
tls_client=$!
exec 9>to.alice
echo Alice >&9
check 'people come in with TLS, and know the server' wait_for Alice 'Welcome, Alice.'
connect Bob 127.0.0.1 "$(sed -n 's/^Chat server running on 127\.0\.0\.1:\([0-9]*\)$/\1/p' console)"
say Bob Bob
check 'and in the open' joined Bob
check 'they talk with each other' wait_for Alice 'Bob has joined the chat'
exec 9>&-
kill "$tls_client" # its -quiet has it stay when there is no input any more
wait "$tls_client" 2>/dev/null
check 'the server stops' stop

# --- Behind haproxy ----------------------------------------------------------------------------------------------

block 'haproxy' haproxy.cfg
block 'conf haproxy' behind.conf
if ! command -v haproxy >/dev/null 2>&1; then
    skip 'haproxy brings people in' 'no haproxy here'
    finish
fi
sed 's/127\.0\.0\.1:[0-9]*/127.0.0.1:0/' behind.conf >behind.run
configured behind.run
behind=$(port_of 'telnet+proxy')
cat chat.pem chat.key >both.pem
sed "s,\*:992,unix@$work/front.sock,; s,/etc/haproxy/chat.pem,$work/both.pem,; s,127\.0\.0\.1:[0-9]*,127.0.0.1:$behind," \
    haproxy.cfg >haproxy.run
check 'its configuration is right' haproxy -c -q -f haproxy.run
haproxy -db -f haproxy.run >haproxy.out 2>&1 &
proxy=$!
check 'it starts' within "$patience" test -S front.sock
mkfifo to.carol
openssl s_client -quiet -CAfile authority.pem -unix front.sock <to.carol >Carol 2>carol.err &
tls_client=$!
exec 9>to.carol
echo Carol >&9
check 'haproxy brings people in' wait_for Carol 'Welcome, Carol.'
exec 9>&-
kill "$tls_client" # its -quiet has it stay when there is no input any more
wait "$tls_client" 2>/dev/null
kill "$proxy"
wait "$proxy" 2>/dev/null
check 'the server stops' stop
finish
