#!/bin/sh
# Goal: whoever asks by HTTP is told how the server is: in figures that move with what they tell of, that are
# documented, and that Prometheus takes; or in a few words what is wrong with the request. Nobody in the chat
# waits for that, and no full chat keeps it out.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=nats.sh
. "$tests_folder/nats.sh"

# port_of SCHEME: the port where the server listens for those.
port_of() {
    sed -n "s/^Chat server running on 127\\.0\\.0\\.1:\\([0-9]*\\) ($1)\$/\\1/p" console | head -n 1
}

# ask FORMAT: sends the bytes that printf makes of it to the figures' address; the answer is in `answer`, its
# head in `answer.head` and its body in `answer.body`, without CRs. The input stays open, as a client's does.
ask() {
    # shellcheck disable=SC2059 # As in lib.sh's `same`.
    { printf "$1" && sleep 0.01; } | nc -N 127.0.0.1 "$metrics" >answer 2>/dev/null
    tr -d '\r' <answer | sed '/^$/q' >answer.head
    tr -d '\r' <answer | sed '1,/^$/d' >answer.body
}
scrape() {
    ask 'GET /metrics HTTP/1.0\r\n\r\n'
}

# value SERIES: what the figures say now of what is written as in Prometheus, without the braces if there is
# no label.
value() {
    scrape
    awk -v name="$1" '$1 == name { print $2 }' answer.body
}
is_value() {
    [ "$(value "$1")" = "$2" ]
}
is_above() {
    awk "BEGIN { exit !($(value "$1") > $2) }"
}
# grows SERIES COMMAND...: the command makes the figure grow.
grows() {
    series=$1
    shift
    before=$(value "$series")
    "$@"
    check "$series grows" within "$patience" is_above "$series" "${before:-0}"
}
# comes_to SERIES VALUE
comes_to() {
    check "$1 comes to $2" within "$patience" is_value "$1" "$2"
}

set -- --listen 127.0.0.1:0 --listen lines+proxy://127.0.0.1:0 --telnet 127.0.0.1:0 --machine 127.0.0.1:0 \
    --metrics 127.0.0.1:0 --metrics unix:figures --log log --login-timeout 8 --max-line 100
"$partyline" --version >version
has version 'without SQLite' || set -- "$@" --data chat.db
has_tls=no
if has version 'with OpenSSL' && command -v openssl >/dev/null; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost -keyout key.pem \
        -out cert.pem >/dev/null 2>&1
    has_tls=yes
    set -- "$@" --listen lines+tls://127.0.0.1:0 --tls-cert cert.pem --tls-key key.pem
fi
start "$@" --sendq 262144 --drain-timeout 4
metrics=$(port_of metrics)
check 'the console tells where figures are served' [ -n "$metrics" ]
check 'on a unix socket, too' has console 'Chat server running on unix:figures (metrics)'

# --- Requests ----------------------------------------------------------------------------------------

# A slow one, which ends by the time all others have been tried.
{ printf 'GET /metrics HTTP/1.1\r\nHost: x\r\n' && sleep 20; } | nc 127.0.0.1 "$metrics" >slow 2>/dev/null &
{ while printf 'X: y\r\n'; do sleep 0.2; done; } 2>/dev/null | nc 127.0.0.1 "$metrics" >drip 2>/dev/null &

while IFS='|' read -r status request; do
    ask "$request"
    check "$status for $(printf '%.60s' "$request")" has answer.head "HTTP/1.1 $status "
    check 'and the connection is closed' has_line answer.head 'Connection: close'
done <<'END'
200|GET /metrics HTTP/1.0\r\n\r\n
200|GET /metrics HTTP/1.0\n\n
200|GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n
200|GET http://x/healthz?y HTTP/1.1\r\nHost: x\r\n\r\n
200|HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n
200|GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde
404|GET / HTTP/1.0\r\n\r\n
404|GET /metrics/ HTTP/1.0\r\n\r\n
405|POST /metrics HTTP/1.1\r\nHost: x\r\n\r\n
405|OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n
400|GET /metrics HTTP/1.1\r\n\r\n
400|GET /metrics\r\n\r\n
400|GET /metrics HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n
400|Alice\r\n
400|\377\375\037\r\n
400|\026\003\001\002\000\001\000\001\374\003\003\n
505|PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
END
long=$(printf '%5000s' '' | tr ' ' x)
ask "GET /$long HTTP/1.0\\r\\n\\r\\n"
check 'a first line that is too long is refused' has answer.head 'HTTP/1.1 414 '
ask "GET / HTTP/1.0\\r\\nX: $long\\r\\n\\r\\n"
check 'so is a field' has answer.head 'HTTP/1.1 431 '
ask "GET / HTTP/1.0\\r\\n$(printf 'X: %.4000s\\r\\n' "$long" "$long" "$long" "$long" "$long")\\r\\n"
check 'and too many of them' has answer.head 'HTTP/1.1 431 '
printf 'GET /metrics HTTP/1.1\r\nHost: x\r\n' | nc -N 127.0.0.1 "$metrics" >answer
check 'a request that ends in the middle is wrong' has answer 'HTTP/1.1 400 '
ask 'POST / HTTP/1.0\r\n\r\n'
check 'another method is told which are allowed' has_line answer.head 'Allow: GET, HEAD'
ask 'GET /healthz HTTP/1.0\r\n\r\n'
is 'the server is well' "$(cat answer.body)" ok
ask 'HEAD /healthz HTTP/1.0\r\n\r\n'
check 'a head tells the length of the body' has_line answer.head 'Content-Length: 3'
is 'and has none' "$(wc -c <answer.body | tr -d ' ')" 0
printf 'GET /healthz HTTP/1.0\r\n\r\n' | nc -N -U figures >answer
check 'the unix socket answers' has answer 'HTTP/1.1 200 OK'
for slow in slow drip; do
    check "a request that is not whole in time is ended ($slow)" wait_for $slow 'HTTP/1.1 4'
done
check 'as it is too slow' has slow 'HTTP/1.1 408 Request Timeout'

# --- What is served ----------------------------------------------------------------------------------

ask 'GET /metrics HTTP/1.1\r\nHost: x\r\nAccept: application/openmetrics-text; version=1.0.0, */*;q=0.1\r\n\r\n'
check 'who prefers OpenMetrics is sent it' has_line answer.head \
    'Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8'
is 'with its end' "$(tail -n 1 answer.body)" '# EOF'
check 'with units' has_line answer.body '# UNIT partyline_received_bytes bytes'
check 'and names of counters without their suffix' has_line answer.body '# TYPE partyline_received_bytes counter'
scrape
check 'who asks for nothing is sent the older text' has_line answer.head 'Content-Type: text/plain; version=0.0.4; charset=utf-8'
check 'with the suffix' has_line answer.body '# TYPE partyline_received_bytes_total counter'
is 'the length is right' "$(sed -n 's/^Content-Length: //p' answer.head)" "$(tr -d '\r' <answer | sed '1,/^$/d' | wc -c | tr -d ' ')"

# rows: the figures as the table of METRICS.md has them, from the older text.
rows() {
    awk '
        $2 == "HELP" { name = $3; sub(/^# HELP [^ ]* /, ""); help[name] = $0; next }
        $2 == "TYPE" { type[$3] = $4; next }
        {
            name = $1; label = ""
            if (sub(/[{].*/, "", name)) {
                rest = $0; sub(/^[^{]*[{]/, "", rest); sub(/[}] [0-9.]*$/, "", rest)
                while (match(rest, /[a-z]+="[^"]*"/)) {
                    word = substr(rest, RSTART, RLENGTH); rest = substr(rest, RSTART + RLENGTH); sub(/=.*/, "", word)
                    label = label (label == "" ? "" : ", ") "`" word "`"
                }
            }
            if (name in type) labels[name] = label
        }
        END { for (name in type) print "| `" name "` | " type[name] " | " labels[name] (labels[name] == "" ? "" : " ") "| " help[name] " |" }' "$1"
}
# shellcheck disable=SC2016 # These are backquotes.
grep '^| `p[a-z_]*` | [cgh]' "$root/docs/METRICS.md" | sort >documented
rows answer.body | sort >served
is 'what is served is documented in docs/METRICS.md, word for word' "$(comm -23 served documented)" ''
grep -v partyline_cluster documented >expected
[ $has_tls = yes ] || { grep -v partyline_tls expected >fewer && mv fewer expected; }
has version 'with SQLite' || { grep -v partyline_store expected >fewer && mv fewer expected; }
[ -r /proc/self/stat ] || { grep -v -e _memory_bytes -e process_open_fds -e process_threads expected >fewer && mv fewer expected; }
is 'and all that is documented is served' "$(comm -13 served expected)" ''
is 'no series stands twice' "$(grep -v '^#' answer.body | sed 's/ [^ ]*$//' | sort | uniq -d)" ''
check 'there are less than 200 series, whoever is here' [ "$(grep -vc '^#' answer.body)" -lt 200 ]

for file in alerts.yml dashboard.json; do
    grep -o '\(partyline\|process\)_[a-z_]*' "$root/docs/metrics/$file" | sed 's/_bucket$//' | sort -u >used
    # shellcheck disable=SC2016 # The same.
    sed 's/^| `\([a-z_]*\)`.*/\1/' documented | sort -u >names
    is "$file has no figure that there is not" "$(comm -23 used names)" ''
done
# quietly COMMAND...: its words are shown only if it fails.
quietly() {
    "$@" >said 2>&1 || { explain <said && return 1; }
}
if command -v jq >/dev/null; then
    check 'the dashboard is JSON' quietly jq -e '.panels | length > 10' "$root/docs/metrics/dashboard.json"
fi
if command -v promtool >/dev/null; then
    check 'promtool finds nothing wrong with the figures' quietly promtool check metrics <answer.body
    check 'nor with the alert rules' quietly promtool check rules "$root/docs/metrics/alerts.yml"
    check 'each of which fires when it should' quietly promtool test rules "$root/docs/metrics/alerts-test.yml"
else
    skip 'promtool takes figures and rules' 'no promtool here (prometheus)'
fi

# --- Figures move ------------------------------------------------------------------------------------

grows 'partyline_connections_accepted_total{scheme="lines"}' enter Alice
comes_to 'partyline_connections{scheme="lines"}' 1
comes_to 'partyline_users{machine="here"}' 1
enter Bob 127.0.0.1 "$(port_of telnet)"
comes_to 'partyline_connections{scheme="telnet"}' 1
enter Carol
grows partyline_lines_said_total say Alice 'Hi all!'
told Carol 'Alice: Hi all!'
grows partyline_deliveries_total say Alice 'Once more.'
grows partyline_received_lines_total say Alice /who
grows partyline_received_bytes_total say Alice 'Bytes.'
grows partyline_sent_bytes_total say Alice /help
grows partyline_talk_seconds_count say Alice 'How long does this take?'
grows partyline_private_messages_total say Alice '/msg Carol Psst.'
grows partyline_notices_total say Alice '/topic Figures'
said=$(value partyline_lines_said_total)
sent=$(value partyline_sent_bytes_total)
handed=$(value partyline_deliveries_total)
say Alice 'To two.'
told Carol 'Alice: To two.'
comes_to partyline_lines_said_total $((said + 1))
comes_to partyline_deliveries_total $((handed + 2)) # a line is handed to everybody but its author
check 'and its bytes are counted' is_above partyline_sent_bytes_total $((sent + 29))
say Carol '/join attic'
comes_to partyline_rooms 2
say Carol '/leave attic'
comes_to partyline_rooms 1
grows 'partyline_connections_closed_total{reason="quit"}' quit Carol
enter Dave
grows 'partyline_connections_closed_total{reason="closed"}' leave Dave
grows 'partyline_connections_closed_total{reason="reset"}' slam 'Erin\n'
connect Silent
check 'somebody who is late with a name is counted' within 30 \
    is_above 'partyline_connections_closed_total{reason="idle"}' 0
connect Proxied 127.0.0.1 "$(port_of 'lines+proxy')"
closed=$(value 'partyline_connections_closed_total{reason="closed"}')
grows 'partyline_connections_refused_total{reason="proxy"}' send Proxied 'GET / HTTP/1.0\r\n\r\n'
comes_to 'partyline_connections_closed_total{reason="refused"}' 1
is 'who is turned away did not close by itself' "$(value 'partyline_connections_closed_total{reason="closed"}')" "$closed"
grows 'partyline_metrics_requests_total{code="404"}' ask 'GET /x HTTP/1.0\r\n\r\n'
check 'requests for figures are no connections of the chat' [ -z "$(value 'partyline_connections{scheme="metrics"}')" ]
if [ $has_tls = yes ]; then
    secure=$(port_of 'lines+tls')
    connect Plain 127.0.0.1 "$secure"
    grows partyline_tls_handshakes_failed_total send Plain 'No handshake\n'
    comes_to 'partyline_connections_refused_total{reason="tls"}' 1
    comes_to 'partyline_connections_closed_total{reason="refused"}' 2
    is 'nor did who spoke no TLS' "$(value 'partyline_connections_closed_total{reason="closed"}')" "$closed"
    grows 'partyline_tls_handshakes_total{version="1.3"}' connect_with Sue \
        openssl s_client -quiet -connect "127.0.0.1:$secure"
    comes_to 'partyline_connections{scheme="lines+tls"}' 1
    hang_up Sue
fi
if has version 'with SQLite'; then
    comes_to partyline_store_up 1
    grows partyline_store_messages_total say Alice 'This is stored.'
fi
if [ -r /proc/self/stat ]; then
    comes_to 'partyline_connections{scheme="lines"}' 1 # of the others the threads are about to end
    threads=$(value process_threads)
    fds=$(value process_open_fds)
    enter Fay
    enter Gus # one thread may have been that of who had asked just before
    check 'each client has a thread' within "$patience" is_above process_threads "$threads"
    check 'and a descriptor' within "$patience" is_above process_open_fds "$fds"
    check 'memory is told' is_above process_resident_memory_bytes 1000000
    quit Fay
    quit Gus
fi
check 'so is processor time' is_above process_cpu_seconds_total 0

# A reader that stops, and a flood that waits for it.
connect Stalled
say Stalled Stalled
joined Stalled
kill -STOP "$(process_of Stalled)"
enter Flora
awk 'BEGIN { for (i = 0; i < 60000; i++) printf "%060d a flood of lines\n", i }' >flood.txt
grows partyline_floods_held_back_total feed Flora flood.txt
check 'a reader that stops is behind' within "$patience" is_above partyline_readers_behind 0
check 'a flood waits for it, or has' within 60 is_above partyline_flood_seconds_count 0
check 'it is cut off' within 60 is_value 'partyline_connections_closed_total{reason="too-slow"}' 1
kill -CONT "$(process_of Stalled)"
comes_to partyline_readers_behind 0
check 'the flood took its time' is_above partyline_flood_seconds_sum 3.5
hang_up Flora
comes_to 'partyline_users{machine="here"}' 2
stop

# --- Neither keeps the other out ---------------------------------------------------------------------

start --max-clients 2 --metrics 127.0.0.1:0
metrics=$(port_of metrics)
enter Alice
enter Bob
connect Carol
check 'the chat is full' wait_for Carol '*** The chat is full.'
comes_to 'partyline_connections_refused_total{reason="full"}' 1
for number in 1 2 3 4 5 6 7 8; do
    connect "idle$number" 127.0.0.1 "$metrics"
done
# Who has asked before may still have been there, so that one of them was refused: then another one comes.
more=8
refused() {
    ask 'GET /healthz HTTP/1.0\r\n\r\n'
    has answer.head 'HTTP/1.1 503 Service Unavailable' && return
    more=$((more + 1))
    connect "idle$more" 127.0.0.1 "$metrics"
    return 1
}
check 'eight may ask for figures at a time' within "$patience" refused
is 'and one more is told why not' "$(cat answer.body)" 'Others are asking.'
check 'which the log tells' wait_for console 'was refused: its address serves as many as it may'
say Alice 'Still here?'
check 'talk goes on' told Bob 'Alice: Still here?'
send idle1 'GET /healthz HTTP/1.0\r\n\r\n'
check 'who was let in is served' wait_for idle1 'ok'
for number in $(seq 3 "$more"); do
    hang_up "idle$number"
done
refusals_are_counted() {
    [ "$(value 'partyline_connections_refused_total{reason="address-full"}')" = "$(count console 'serves as many as it may')" ]
}
check 'refusals are counted' within "$patience" refusals_are_counted

# Who asks when the server stops is told so, and the others are told as ever. (They have 10 seconds to ask.)
hang_up idle2
connect asking 127.0.0.1 "$metrics"
send asking 'GET'
comes_to 'partyline_connections{scheme="lines"}' 2 # it has been accepted before who asks for that
kill -TERM "$server"
check 'a request that has not come when the server stops is answered' wait_for asking 'The server is shutting down.'
check 'as one that fails' has asking 'HTTP/1.1 503 '
check 'and not in the words for people' lacks asking '***'
check 'who are told in theirs' told Alice '*** The server is shutting down. ***'
check 'the server ends' ended "$server"
is 'with status 0' "$status" 0
server=

# --- Many talk, and many ask --------------------------------------------------------------------------

start --metrics 127.0.0.1:0 --max-clients 300
metrics=$(port_of metrics)
# 200 people, one after the other of whom says a line, which all others must get before the next one speaks.
# Meanwhile four ask for figures, and those say that all are there.
perl -MIO::Socket::INET -e '
    my ($port, $metrics) = @ARGV;
    my (@people, $scraped);
    for my $i (0 .. 199) {
        my $one = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") or die;
        print $one "P$i\n";
        push @people, $one;
    }
    my $until = sub { my ($one, $what) = @_; alarm 30; while (<$one>) { return 1 if index($_, $what) >= 0 } die "no $what" };
    $until->($people[$_], "Welcome, P$_.") for 0 .. 199;
    my @asking = map { start($metrics) } 1 .. 4;
    for my $line (0 .. 39) {
        my $author = $people[$line * 5];
        print $author "line $line\n";
        for my $one (@people) { $until->($one, ": line $line") unless $one == $author }
        for my $ask (@asking) {
            local $/; my $text = <$ask>;
            close $ask;
            $ask = start($metrics);
            redo if $text =~ /^HTTP.1.1 503 /; # those of before are not all closed yet
            die "no figures: $text" unless $text =~ /\npartyline_users\{machine="here"\} 200\n/;
            $scraped++;
        }
    }
    print "$scraped\n";
    sub start { my $ask = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$_[0]") or die; print $ask "GET /metrics HTTP/1.0\r\n\r\n"; $ask }
' "$port" "$metrics" >talk.out 2>talk.err
is '200 people hear each line while four ask for figures again and again' "$(cat talk.out talk.err)" 160
comes_to partyline_lines_said_total 40
comes_to partyline_talk_seconds_count 40
check 'nobody was behind, or cut off' is_value 'partyline_connections_closed_total{reason="too-slow"}' 0

# --- Prometheus ---------------------------------------------------------------------------------------

if command -v prometheus >/dev/null; then
    enter Alice
    enter Bob
    say Alice 'Count this.'
    web=$(free_ports 1)
    cat >prometheus.yml <<END
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
rule_files: ['$root/docs/metrics/alerts.yml']
scrape_configs:
  - job_name: partyline
    static_configs: [{targets: ['127.0.0.1:$metrics']}]
END
    prometheus --config.file=prometheus.yml --storage.tsdb.path="$work/tsdb" --web.listen-address="127.0.0.1:$web" \
        >prometheus.log 2>&1 &
    prometheus=$!
    # query EXPRESSION: the value that Prometheus has.
    query() {
        fetch "$web" "/api/v1/query?query=$1" 2>/dev/null |
            sed -n 's/.*"value":\[[^,]*,"\([^"]*\)"\].*/\1/p'
    }
    has_value() {
        [ "$(query "$1")" = "$2" ]
    }
    check 'Prometheus has scraped how many are here' within 30 has_value 'partyline_users%7Bmachine="here"%7D' 2
    check 'and what was said' within "$patience" has_value partyline_lines_said_total 41
    check 'it finds the server up' has_value 'up%7Bjob="partyline"%7D' 1
    check 'and computes of the classes' has_value 'histogram_quantile(1,partyline_talk_seconds_bucket)<bool(11)' 1
    quit Bob
    check 'it sees who leaves' within "$patience" has_value 'partyline_users%7Bmachine="here"%7D' 1
    check 'nothing fires' has_value 'count(ALERTS)' ''
    knows_unit() {
        fetch "$web" '/api/v1/metadata?metric=partyline_talk_seconds' | grep -q '"type":"histogram".*"unit":"seconds"'
    }
    check 'it has asked for OpenMetrics, as it knows the units' within "$patience" knows_unit
    kill "$prometheus"
    ended "$prometheus"
else
    skip 'Prometheus scrapes the server' 'no prometheus here'
fi

finish
