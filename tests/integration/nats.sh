# shellcheck shell=sh
#
# nats: nats-servers of one's own on loopback, in the scenario's temporary directory. It is sourced
# behind lib.sh.
#
#   free_ports COUNT      prints as many ports that nobody listens on; none of those that the system gives to
#                         whoever leaves the choice to it, so nobody takes them meanwhile
#   nats_cluster          sets up three servers that are a cluster with JetStream; not started. With
#                         $nats_no_advertise "true" they do not tell clients of each other
#   nats_start NUMBER     starts one of them (1 to 3), or starts it again with what it has on disk
#   nats_signal NAME NUMBER  sends it a signal
#   nats_is_whole         whether all servers are there, and have all that they must have
#   nats_leader STREAM    prints the number of the server that leads the stream
#   nats_urls             prints where they are, for --cluster

free_ports() {
    perl -MIO::Socket::INET -e '
        my ($count, $first, @sockets) = (shift, 32768);
        if (open my $range, "<", "/proc/sys/net/ipv4/ip_local_port_range") { ($first) = <$range> =~ /(\d+)/ }
        for (1 .. 1000) {
            last if @sockets == $count;
            my $port = $first > 20000 ? 10000 + int rand($first - 10000) : 0;
            my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 1);
            push @sockets, $socket if $socket;
        }
        die "no free ports" if @sockets < $count;
        print join(" ", map { $_->sockport } @sockets), "\n"' "$1"
}

# nats_config NUMBER: the file of a server of the cluster.
nats_config() {
    cat >"nats$1.conf" <<END
server_name: n$1
listen: 127.0.0.1:$(nats_port "$1")
http: 127.0.0.1:$(nats_port $(($1 + 6)))
jetstream { store_dir: "$PWD/nats$1" }
cluster {
    name: partyline
    no_advertise: ${nats_no_advertise:-false}
    listen: 127.0.0.1:$(nats_port $(($1 + 3)))
    routes: [
        nats-route://127.0.0.1:$(nats_port 4)
        nats-route://127.0.0.1:$(nats_port 5)
        nats-route://127.0.0.1:$(nats_port 6)
    ]
}
END
}

# nats_port NUMBER: clients have the first three, routes the next three, and monitors the last.
nats_port() {
    printf '%s\n' "$nats_ports" | cut -d ' ' -f "$1"
}

nats_cluster() {
    nats_ports=$(free_ports 9) || return
    for number in 1 2 3; do
        nats_config "$number"
    done
}

nats_start() {
    nats-server -c "nats$1.conf" >>"nats$1.log" 2>&1 &
    eval "nats_process$1=$!"
}

nats_signal() {
    eval "kill -$1 \"\$nats_process$2\""
}

nats_urls() {
    printf 'nats://127.0.0.1:%s,nats://127.0.0.1:%s,nats://127.0.0.1:%s\n' \
        "$(nats_port 1)" "$(nats_port 2)" "$(nats_port 3)"
}

# fetch PORT PATH: what a monitor answers.
fetch() {
    perl -MIO::Socket::INET -e '
        my ($port, $path) = @ARGV;
        my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port", Timeout => 2) or exit 1;
        print $socket "GET $path HTTP/1.0\r\nHost: localhost\r\n\r\n";
        alarm 3;
        print while <$socket>' "$1" "$2"
}

nats_is_whole() {
    for number in 1 2 3; do
        fetch "$(nats_port $((number + 6)))" /healthz 2>/dev/null | grep -q '"status": *"ok"' || return 1
    done
}

nats_leader() {
    for number in 1 2 3; do
        name=$(fetch "$(nats_port $((number + 6)))" '/jsz?streams=true' 2>/dev/null | perl -0777 -ne '
            while (/"name":\s*"([^"]*)",\s*(?:"created"[^{]*)?"cluster":\s*\{[^}]*?"leader":\s*"n(\d)"/g) {
                print "$2\n" if $1 eq "'"$1"'";
            }')
        [ -z "$name" ] || break
    done
    [ -n "$name" ] && printf '%s\n' "$name"
}
