#!/bin/sh
# Goal: whoever runs the machine decides for OpenSSL how old a version of TLS may be, and partyline keeps to it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! "$partyline" --version | grep -q 'with OpenSSL' || ! command -v openssl >/dev/null 2>&1; then
    skip 'the versions of TLS' 'this build lacks OpenSSL, or there is no openssl'
    finish
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout key.pem \
    -out certificate.pem >/dev/null 2>&1
cat >openssl.cnf <<'END'
openssl_conf = initial
[initial]
ssl_conf = ssl
[ssl]
system_default = system
[system]
MinProtocol = TLSv1.3
END
OPENSSL_CONF=$PWD/openssl.cnf
export OPENSSL_CONF
start --listen lines+tls://127.0.0.1:0 --tls-cert certificate.pem --tls-key key.pem
unset OPENSSL_CONF
port=$(sed -n 's/^Chat server running on .*:\([0-9]*\) (lines+tls)$/\1/p' console)
# speaks VERSION: whether a handshake of that version succeeds.
speaks() {
    openssl s_client -connect "127.0.0.1:$port" "-tls$1" </dev/null 2>/dev/null | grep -q '^New, TLSv1'
}
refuses() {
    ! speaks "$1"
}
check 'TLS 1.3 is spoken' speaks 1_3
check 'TLS 1.2 is not, if the system wants none' refuses 1_2
check 'the log tells why' wait_for_match console 'was refused: its TLS handshake has failed: OpenSSL: (unsupported protocol|.*version)'
check 'the server stops' stop
finish
