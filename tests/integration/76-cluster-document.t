#!/bin/sh
# Goal: who follows docs/CLUSTER.md has three machines that are one chat. The files and commands are taken
# from there; what stands for this one computer is replaced: the machines' addresses, and what each calls
# 127.0.0.1, by such on loopback, their directories by some below this scenario's, and sudo is left out.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=cluster.sh
. "$tests_folder/cluster.sh"

needs_cluster 'docs/CLUSTER.md can be followed'
document=$root/docs/CLUSTER.md
network=127.$(($$ / 250 % 250 + 1)).$(($$ % 250 + 1)) # for 10.0.0
if ! perl -MIO::Socket::INET -e 'IO::Socket::INET->new(LocalAddr => "$ARGV[0].3:4222", Listen => 1) or exit 1' "$network"; then
    skip 'docs/CLUSTER.md can be followed' 'loopback has one address here'
    finish
fi
PATH=${partyline%/*}:$PATH # `partyline` is the one that is tested
export PATH

# block FIRST_LINE: the document's block of code that begins with this line.
block() {
    FIRST=$1 awk '
        shown && /^```$/ { exit }
        fenced && $0 == ENVIRON["FIRST"] { shown = 1 }
        { fenced = /^```/ }
        shown' "$document"
}

# block_with TEXT: the block that has a line with this text.
block_with() {
    TEXT=$1 awk '
        /^```/ { if (inside && found) { printf "%s", text; exit }; inside = !inside; text = ""; found = 0; next }
        inside { text = text $0 "\n"; if (index($0, ENVIRON["TEXT"])) found = 1 }' "$document"
}

number_of() {
    case $1 in
        east) echo 1 ;;
        west) echo 2 ;;
        north) echo 3 ;;
    esac
}

# at MACHINE: makes of what the document has for east what it is for a machine, on this computer.
at() {
    sed -e "/^ADDRESS:/s/10\\.0\\.0\\.1/10.0.0.$(number_of "$1")/" -e "/IP:/s/10\\.0\\.0\\.1/10.0.0.$(number_of "$1")/" \
        -e "s/^NAME: east/NAME: $1/" -e "s/--node east/--node $1/" -e "s/CN=east/CN=$1/" \
        -e "s/'\\*:8888'/$network.$(number_of "$1"):8888/" \
        -e "s/10\\.0\\.0\\./$network./g" -e "s/127\\.0\\.0\\.1:8222/$network.$(number_of "$1"):8222/" \
        -e "s|/var/lib/partyline|$work/$1|g" -e 's/^sudo //'
}

# follow MACHINE TEXT: runs the block with this text on a machine.
follow() {
    block_with "$2" | at "$1" >script
    [ -s script ] || not_ok "the document has commands with '$2'"
    # shellcheck source=/dev/null
    . ./script
    cd "$work" || exit 1
}

# set_up MACHINE FILE: its directory, with the file as nats-server.conf.
set_up() {
    follow "$1" 'sudo install -d'
    at "$1" <"$root/docs/cluster/$2" >"$1/nats-server.conf"
}

healthy() {
    perl -MIO::Socket::INET -e '
        my $socket = IO::Socket::INET->new(PeerAddr => "$ARGV[0]:8222", Timeout => 2) or exit 1;
        print $socket "GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n";
        alarm 3;
        exit !(join("", <$socket>) =~ /"status": *"ok"/)' "$network.$(number_of "$1")"
}

runs() {
    within 40 has "$1/partyline.out" 'Chat server running on ' && return
    explain <"$1/partyline.out"
    return 1
}

# come_to NAME MACHINE
come_to() {
    connect "$1" "$network.$(number_of "$2")" 8888
    say "$1" "$1"
    wait_for "$1" "*** Welcome, $1. "
}

# stopped MACHINE: stops its partyline as the document has it.
stopped() {
    # shellcheck disable=SC2016 # It is the document's text.
    follow "$1" 'kill "$(cat partyline.pid)"'
    ended "$(cat "$1/partyline.pid")" 20 && [ "$status" -eq 0 ]
}

end_nats() {
    for name in east west north; do
        kill "$(cat "$name/nats-server.pid")"
        ended "$(cat "$name/nats-server.pid")"
    done
}

# --- Without accounts -------------------------------------------------------------------------------------

block "$(head -n 1 "$root/docs/cluster/nats-server.conf")" >shown
check 'the document shows docs/cluster/nats-server.conf' cmp shown "$root/docs/cluster/nats-server.conf"
for name in east west north; do
    set_up $name nats-server.conf
    follow $name 'nats-server -c nats-server.conf'
done
for name in east west north; do
    check "the nats-server of $name is well" within 40 healthy $name
done
for name in east west north; do
    follow $name "--listen '*:8888' --node east --quiet --log partyline.log \\"
done
for name in east west north; do
    check "$name is part of the chat" runs $name
done
come_to Alice east
come_to Bob west
come_to Carol north
check 'people see each other' told Alice '*** Carol has joined the chat ***'
say Alice 'Hello, all of you.'
check 'and hear each other' told Bob 'Alice: Hello, all of you.'
check 'on all machines' told Carol 'Alice: Hello, all of you.'

kill -KILL "$(cat west/nats-server.pid)"
say Carol 'One of three nats-servers is dead.'
check 'one nats-server may be lost' wait_for Alice 'Carol: One of three nats-servers is dead.' 30
say Alice 'So it is.'
check 'and people talk on, also at its machine' wait_for Bob 'Alice: So it is.' 30
follow west 'nats-server -c nats-server.conf'
check 'it comes back' within 40 healthy west

for name in east west north; do
    check "$name can be stopped" stopped $name
    : >$name/partyline.out
    follow $name "--listen '*:8888' --node east --quiet --log partyline.log \\"
    check "and started again, as in an upgrade" runs $name
    case $name in
        east) come_to Alice east ;;
        west) come_to Bob west ;;
        north) come_to Carol north ;;
    esac
done
say Alice 'All of us are back.'
check 'all of them are one chat again' told Bob 'Alice: All of us are back.'
check 'on all machines' told Carol 'Alice: All of us are back.'
for name in east west north; do
    check "$name can be stopped" stopped $name
done
end_nats

# --- What is told -----------------------------------------------------------------------------------------

# is_said SENTENCE: some sentence of the sources has these words; there, they are in several strings.
cat "$root"/src/cluster/*.c | perl -0777 -pe 's/"\s*"//g; s/\x27%s\x27/\x27partyline\x27/g' >sentences
is_said() {
    has sentences "${1% ...}"
}
# shellcheck disable=SC2016 # These are no commands.
sed -n '/^| it says /,/^$/s/^| `\([^`]*\)` |.*/\1/p' "$document" >told
check 'the document explains what is said at the start' [ "$(wc -l <told)" -gt 8 ]
while read -r sentence; do
    check "'$sentence' is said" is_said "$sentence"
done <told

# --- With accounts and TLS --------------------------------------------------------------------------------

if ! command -v openssl >/dev/null; then
    skip 'the part with accounts and TLS can be followed' 'no openssl here'
    finish
fi
for name in east west north; do
    rm -rf "$name"
    set_up $name nats-server-tls.conf
done
follow east '-keyout authority.key' 2>openssl.out
for name in west north; do
    cp east/authority.key east/authority.pem $name
done
for name in east west north; do
    follow $name '-out certificate.pem' 2>openssl.out
    follow $name 'nats-server -c nats-server.conf'
done
for name in east west north; do
    check "the nats-server of $name is well" within 40 healthy $name
done
for name in east west north; do
    follow $name '--cluster-creds nats.password'
done
for name in east west north; do
    check "$name is part of the chat" runs $name
done
come_to Dora east
come_to Emil west
say Emil 'Nobody else can read this on its way.'
check 'people hear each other' told Dora 'Emil: Nobody else can read this on its way.'
try "$partyline" --listen "$network.3:8889" --node south --cluster "tls://$network.1:4222"
is 'who has no password does not come in' "$status" 1
check 'and is told so' has try.err 'the nats-server refuses the credentials'
for name in east west north; do
    check "$name can be stopped" stopped $name
done
end_nats
finish
