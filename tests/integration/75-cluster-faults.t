#!/bin/sh
# Goal: whatever is wrong with the nats-servers, or with what is in the stream, is told in a sentence that
# names the cause and what to do; nothing waits in silence, and people are told the truth.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'what is wrong with the nats-servers is told'

ports=$(free_ports 8)
# port_of NUMBER
port_of() {
    printf '%s\n' "$ports" | cut -d ' ' -f "$1"
}

# serve NAME PORT: a nats-server with the rest of its configuration from standard input.
serve() {
    {
        printf 'listen: 127.0.0.1:%s\n' "$2"
        cat
    } >"$1.conf"
    nats-server -c "$1.conf" >>"$1.log" 2>&1 &
    eval "nats_$1=$!"
    within "$patience" has "$1.log" 'Server is ready' || not_ok "a nats-server is ready ($1)"
}

# refused SENTENCE WORDS SERVERS [OPTION...]: a server with these does not start.
refused() {
    sentence=$1
    words=$2
    servers=$3
    shift 3
    try "$partyline" --listen 127.0.0.1:0 --node east --cluster "$servers" "$@"
    is "$sentence: it does not start" "$status" 1
    check 'and tells why' has try.err "$words"
}

# --- Who may do what --------------------------------------------------------------------------------------

guarded=127.0.0.1:$(port_of 1)
serve guarded "$(port_of 1)" <<END
jetstream { store_dir: "$work/guarded" }
authorization { users: [
    { user: partyline, password: "open: sesame" }
    { user: mute, password: secret, permissions: { publish: { deny: partyline.events } } }
] }
END
# It waits for a while: that may go on beside the rest.
: >console.mute
"$partyline" --listen 127.0.0.1:0 --node mute --cluster "nats://mute:secret@$guarded" >console.mute 2>errors.mute </dev/null &
mute=$!

refused 'no password' 'the nats-server refuses the credentials; check them' "nats://$guarded"
refused 'a wrong password' 'the nats-server refuses the credentials; check them' "nats://partyline:opensesame@$guarded"
check 'the password is not shown' lacks try.err opensesame
check 'the address is' has try.err "at nats://$guarded: "
refused 'no file of credentials' 'cannot read the credentials file nowhere' "nats://$guarded" --cluster-creds nowhere
echo partyline >creds
refused 'a file without any' 'the credentials file creds has neither a line USER:PASSWORD nor what nsc makes' \
    "nats://$guarded" --cluster-creds creds
echo 'partyline:sesame' >creds
refused 'a file with wrong ones' 'the nats-server refuses the credentials' "nats://$guarded" --cluster-creds creds
echo 'partyline:open: sesame' >creds
servers=nats://$guarded
machine east --cluster-creds creds
check 'the right ones in a file let it in' wait_for console.east 'Chat server running on'
come Alice east
cp guarded.conf former.conf
sed 's/open: sesame/shut/' former.conf >guarded.conf
# shellcheck disable=SC2154 # eval sets it.
kill -HUP "$nats_guarded"
check 'who is refused with credentials that were taken leaves the cluster' wait_for console.east \
    'This machine leaves the cluster: a connection to the nats-servers was given up, mostly as one of them refuses' 30
ended "$(cat machine.east)" 20
is 'and ends as one that is to be started again' "$status" 1
check 'its people are told' wait_for Alice 'The server is shutting down'
cp former.conf guarded.conf
kill -HUP "$nats_guarded"

# --- What the servers lack --------------------------------------------------------------------------------

serve plain "$(port_of 2)" </dev/null
patience_now=$patience
patience=40 # it tries for some seconds, as JetStream may be starting
refused 'no JetStream' 'the nats-server has no JetStream' "nats://127.0.0.1:$(port_of 2)"
patience=$patience_now
"${partyline%/*}/stream" -w memory "nats://partyline:open: sesame@$guarded" chat >said 2>told
refused 'a stream of wrong settings' "the stream 'chat' has wrong settings: its storage is not the disk; remove it" \
    "nats://$guarded" --cluster-creds creds --cluster-name chat

# refuse CODE: is a nats-server whose JetStream does not tell of the stream chat; writes a line to `asked`
# each time it is asked.
refuse() {
    perl -MIO::Socket::INET -e '
        my ($port, $code) = @ARGV;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 5, ReuseAddr => 1) or exit 1;
        my $answer = qq({"type":"io.nats.jetstream.api.v1.stream_info_response",)
            . qq("error":{"code":500,"err_code":$code,"description":"not now"}});
        $| = 1;
        print "ready\n";
        while (my $client = $listener->accept) {
            my $inbox;
            print $client qq(INFO {"server_id":"none","version":"2.9.10","proto":1,"headers":true,)
                . qq("max_payload":1048576,"jetstream":true}\r\n);
            while (<$client>) {
                last if /^PUB +0\r/;
                print $client "PONG\r\n" if /^PING/;
                $inbox = $1 if /^SUB \S+ .*?(\d+)\r/;
                next unless /^PUB (\S+) (\S+) (\d+)\r/ && $1 eq q($JS.API.STREAM.INFO.chat);
                print "asked\n";
                read $client, my $question, $3 + 2;
                printf $client "MSG %s %s %d\r\n%s\r\n", $2, $inbox, length $answer, $answer;
            }
        }' "$(port_of 6)" "$1" >asked &
    refuser=$!
    check 'a nats-server that refuses is there' wait_for asked ready
}

asked_at_least() {
    [ "$(count asked asked)" -ge "$1" ]
}

refuse 10048 # "stream assignment error", as while several machines make it
"$partyline" --listen 127.0.0.1:0 --node east --cluster "nats://127.0.0.1:$(port_of 6)" --cluster-name chat \
    >console.east 2>errors.east </dev/null &
east=$!
check 'what JetStream refuses for a moment is asked again' within "$patience" asked_at_least 3
kill -KILL "$east"
ended "$east"
kill "$refuser"
ended "$refuser"
refuse 10027 # "maximum number of streams reached"
refused 'what it refuses until somebody changes something' 'JetStream refuses the stream: not now' \
    "nats://127.0.0.1:$(port_of 6)" --cluster-name chat
is 'that is asked once' "$(count asked asked)" 1
kill "$refuser"
ended "$refuser"

# --- TLS --------------------------------------------------------------------------------------------------

# break_off PORT TO COUNT: stands before the nats-server at the port TO, and closes as many connections
# where the handshake begins.
break_off() {
    perl -MIO::Socket::INET -MIO::Select -e '
        my ($port, $to, $count) = @ARGV;
        my $listener = IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 5, ReuseAddr => 1) or exit 1;
        $| = 1;
        $SIG{CHLD} = "IGNORE";
        print "ready\n";
        while (my $client = $listener->accept) {
            my $breaks = $count-- > 0;
            next if fork;
            my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$to") or exit 1;
            my $both = IO::Select->new($client, $server);
            while (my @ready = $both->can_read(30)) {
                for my $from (@ready) {
                    sysread $from, my $bytes, 65536 or exit;
                    if ($breaks && $from == $client) { print "broken\n"; exit }
                    syswrite $from == $client ? $server : $client, $bytes;
                }
            }
            exit;
        }' "$@" >broken &
    breaker=$!
    check 'somebody stands before the nats-server' wait_for broken ready
}

refused 'tls:// where there is no TLS' 'the nats-server has no TLS; give it a certificate' "tls://127.0.0.1:$(port_of 2)"
if command -v openssl >/dev/null; then
    {
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj '/CN=authority' &&
            openssl req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj '/CN=server' &&
            echo subjectAltName=IP:127.0.0.1 >names &&
            openssl x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out cert.pem
    } >openssl.out 2>&1
    serve secure "$(port_of 3)" <<END
jetstream { store_dir: "$work/secure" }
tls { cert_file: "$work/cert.pem", key_file: "$work/key.pem" }
END
    refused 'a certificate from nobody who is known' "the nats-server's certificate is not for the host" \
        "tls://127.0.0.1:$(port_of 3)"
    check 'nothing is told of the source of libnats' lacks try.err '.c:'
    SSL_CERT_FILE=$work/ca.pem
    export SSL_CERT_FILE
    refused 'one that is for another host' "the nats-server's certificate is not for the host" \
        "tls://localhost:$(port_of 3)"
    servers=tls://127.0.0.1:$(port_of 3)
    machine east
    check 'the right one lets it in' wait_for console.east 'Chat server running on'
    check 'it ends' machine_stop east
    break_off "$(port_of 6)" "$(port_of 3)" 2
    servers=tls://127.0.0.1:$(port_of 6)
    machine east
    check 'a handshake that breaks off is tried again' wait_for console.east 'Chat server running on'
    check 'it has broken off' has broken broken
    check 'it ends' machine_stop east
    kill "$breaker"
    ended "$breaker"
    unset SSL_CERT_FILE
else
    skip 'certificates are checked' 'no openssl here'
fi

# --- A server that is cut off from the others -------------------------------------------------------------

# One without JetStream stands for it: it answers, and knows nothing of the stream.
serve whole "$(port_of 7)" <<END
jetstream { store_dir: "$work/whole" }
END
servers=nats://127.0.0.1:$(port_of 7),nats://127.0.0.1:$(port_of 8)
machine east
come Alice east
serve lonely "$(port_of 8)" </dev/null
# shellcheck disable=SC2154 # eval sets it.
kill "$nats_whole"
ended "$nats_whole"
check 'people are told that the link is down' wait_for Alice 'The link to the other machines is down' 20
: >whole.log
serve whole "$(port_of 7)" <<END
jetstream { store_dir: "$work/whole" }
END
check 'a server that knows nothing of the stream is left for one that does' wait_for Alice 'The link is back' 60
say Alice '/register open sesame'
check 'also for accounts' wait_for Alice 'is yours now' 60
come Bob east
say Alice '/msg Bob hello'
check 'people talk on' wait_for Bob 'hello'
check 'it ends' machine_stop east
refuse 10048
servers=nats://127.0.0.1:$(port_of 6),nats://127.0.0.1:$(port_of 7)
machine west --cluster-name chat
check 'who starts may come to such a server first' wait_for console.west 'Chat server running on'
check 'it ends' machine_stop west
kill "$refuser"
ended "$refuser"
# shellcheck disable=SC2154 # eval sets them.
kill "$nats_whole" "$nats_lonely"

# --- A disk that is full ----------------------------------------------------------------------------------

small=127.0.0.1:$(port_of 4)
servers=nats://$small
serve small "$(port_of 4)" <<END
jetstream { store_dir: "$work/small", max_file_store: 20000 }
END
machine east --link-timeout 2
come Alice east
come Bob east
seq -f 'Line %g, which takes some of the space that there is.' 1 400 >lines
feed Alice lines
check 'the disk of the nats-server fills: people are told' wait_for Bob \
    '*** The link to the other machines is down. What you say waits. ***' 30
check 'the log tells why' wait_for console.east \
    'is down: the nats-servers have no space for the stream; give JetStream more (max_file_store)'
say Bob 'Is this said?'
check 'what has waited for too long is given up' wait_for Bob \
    '*** Not sent: the link to the other machines is down. ***' 20

: >console.west
"$partyline" --listen 127.0.0.1:0 --node west --cluster "$servers" >console.west 2>errors.west </dev/null &
west=$!
check 'a machine that starts now tells what it waits for' wait_for console.west \
    'Waiting for the cluster: the nats-servers have no space for the stream' 20

# shellcheck disable=SC2154 # eval sets it.
kill "$nats_small"
ended "$nats_small"
: >small.log
serve small "$(port_of 4)" <<END
jetstream { store_dir: "$work/small" }
END
check 'there is space again: it goes on' wait_for console.west 'Chat server running on' 30
check 'so does the other one' wait_for Bob '*** The link is back. ***' 30
say Bob 'It goes on.'
check 'people talk' told Alice 'Bob: It goes on.'
check 'what was given up was never said' lacks Alice 'Is this said?'
check 'what was under way has arrived' wait_for Bob 'Alice: Line 400,'
is 'once' "$(grep '^Alice: Line' Bob | sort | uniq -d)" ''
kill "$west"
ended "$west"

# --- What others put into the stream ----------------------------------------------------------------------

# A machine of a newer version is there, and tells of things that this one does not know.
nats_alone_port=$(port_of 4)
# shellcheck disable=SC2016 # perl has these variables.
newer='sub change { pack("C2 N/a*", @_) } '
# shellcheck disable=SC2016
newer="$newer"'my $m = "\x8FPLC" . pack("C2 n Q>3", 9, 1, 0, 7, 7, 1)
    . change(16, 0, pack("n/a* Q> C Q> Q>2", "future", 1, 0, 7, 1000, 20))
    . change(240, 1, "what may be skipped")
    . change(19, 0, pack("C/a* Q> C", "Newt", 1, 0) . "and more");'
# shellcheck disable=SC2016
check 'a newer version writes to the stream' put_into_stream "$newer"' $m . pack("N", crc32($m))'
check 'it is there' wait_for console.east '*** Machine future has come into the cluster ***'
check 'and what can be understood of it is made' told Alice '*** Newt has joined the chat ***'
say Bob 'All is well.'
check 'people talk on' told Alice 'Bob: All is well.'
needed='sub change { pack("C2 N/a*", @_) } '
# shellcheck disable=SC2016
needed="$needed"'my $m = "\x8FPLC" . pack("C2 n Q>3", 9, 1, 0, 7, 7, 2) . change(240, 0, "what may not be skipped");'
# shellcheck disable=SC2016
check 'it writes something that may not be skipped' put_into_stream "$needed"' $m . pack("N", crc32($m))'
check 'who does not know it says so' wait_for console.east \
    'This machine leaves the cluster: a newer version has written to the stream. Install that version here.'
check 'and ends' ended "$(cat machine.east)" 20
is 'with a status that does not have it started again' "$status" 2

# --- Who may not publish ----------------------------------------------------------------------------------

check 'a machine that may not publish says what it waits for' wait_for console.mute \
    'Waiting for the cluster: the stream does not acknowledge what is published' 30
check 'and does not wait for ever' ended "$mute" 40
is 'it does not start' "$status" 1
check 'and tells why' has errors.mute 'cannot take part in the cluster: the stream does not acknowledge'

# --- Servers that come and go while a machine starts ------------------------------------------------------

# start_in_background NAME SERVERS
start_in_background() {
    : >"console.$1"
    "$partyline" --listen 127.0.0.1:0 --node "$1" --cluster "$2" >"console.$1" 2>"errors.$1" </dev/null &
    starting=$!
}

start_in_background late "nats://127.0.0.1:$(port_of 5)"
serve late "$(port_of 5)" <<END
jetstream { store_dir: "$work/late" }
END
check 'a nats-server may start after its partyline' wait_for console.late 'Chat server running on ' 30
kill "$starting"
ended "$starting"

# This one may not publish, so it is about to begin when its nats-server dies.
start_in_background north "nats://mute:secret@$guarded"
wait_for_match console.north 'Waiting for the cluster: (nothing|the stream)' 20
# shellcheck disable=SC2154 # eval sets it.
kill -KILL "$nats_guarded"
ended "$nats_guarded"
check 'a nats-server dies while a machine starts: it says that it waits for it' wait_for console.north \
    'Waiting for the cluster: no nats-server can be reached' 20
: >guarded.log
serve guarded "$(port_of 1)" <<END
jetstream { store_dir: "$work/guarded" }
authorization { users: [ { user: mute, password: secret } ] }
END
check 'and goes on when it is back' wait_for console.north 'Chat server running on ' 20
kill "$starting"
ended "$starting"
is 'it ends in order' "$status" 0

finish
