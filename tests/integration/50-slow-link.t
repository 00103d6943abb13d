#!/bin/sh
# Goal: over a link with a delay of 150 ms each way and a loss of 2 %, a terminal shows each key after one round
# trip, prints all messages whole and in order, and shows nothing but them and the line that is being typed, also
# during bursts of 40 lines and when its window changes its size.
#
# The server is in one network namespace, the terminal's client in another. SLOW_LINK_ROUNDS is how many rounds of
# steps are taken, 2 by default; a round takes some 10 seconds, so 360 are an hour. SLOW_LINK_SEED selects the lines,
# the sizes and the losses.

# The whole scenario runs in a namespace of its own: as root, or where every user may have namespaces.
if [ -z "${SLOW_LINK_NAMESPACE:-}" ]; then
    export SLOW_LINK_NAMESPACE=own
    for enter in 'unshare -n' 'unshare -r -n'; do
        $enter true 2>/dev/null && exec $enter sh "$0" "$@"
    done
    SLOW_LINK_NAMESPACE=none
fi

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

what='a terminal at a slow link'
if [ "$SLOW_LINK_NAMESPACE" = none ] || ! command -v nsenter >/dev/null 2>&1; then
    skip "$what" 'there are no network namespaces: they take root, unshare and nsenter'
    finish
fi

# shellcheck source=terminal.sh
. "$tests_folder/terminal.sh"
# shellcheck source=evening.sh
. "$tests_folder/evening.sh"

rounds=${SLOW_LINK_ROUNDS:-2}
seed=${SLOW_LINK_SEED:-1}
patience=${PATIENCE:-30}       # A packet may be lost several times.
client_seconds=$((600 + 30 * rounds)) # of nc
columns=60 rows=16

# --- The link -----------------------------------------------------------------------------------------

# The other namespace is that of the process at the far end. (The addresses are reserved for documentation.)
unshare -n perl "$tests_folder/lib/slow_link.pl" far near 192.0.2.2 192.0.2.1 0.15 0.02 "$seed" >far.said 2>far.err &
far=$!
perl "$tests_folder/lib/slow_link.pl" near far 192.0.2.1 192.0.2.2 0.15 0.02 $((seed + 1)) >near.said 2>near.err &
near=$!

linked() {
    has far.said up && has near.said up || is_gone "$far" || is_gone "$near"
}
within "$patience" linked
if ! { has far.said up && has near.said up; }; then
    kill -TERM $far $near 2>/dev/null
    ended $far
    if [ "$status" -eq 3 ]; then
        skip "$what" "there can be no network device here: $(cat far.err)"
    else
        not_ok 'the link comes up'
        cat far.err near.err | explain
    fi
    finish
fi

# The round trip of the link itself: the time until a connection to a port without a listener is refused.
cat >round_trips.pl <<'END'
use strict;
use warnings;
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
for (1 .. 11) {
    socket(my $socket, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
    my $began = clock_gettime(CLOCK_MONOTONIC);
    connect($socket, pack_sockaddr_in(1, inet_aton('192.0.2.1')));
    $!{ECONNREFUSED} or die "connect: $!";
    print clock_gettime(CLOCK_MONOTONIC) - $began, "\n";
}
END
nsenter -t $far -n perl round_trips.pl >round_trips 2>round_trips.err &
measuring=$!

# --- The clients --------------------------------------------------------------------------------------

# Carol talks. Dora only listens: she gets all lines in the room's order, Alice's among them.
start --idle-timeout 0 --listen 127.0.0.1:0 --telnet 192.0.2.1:0
telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
host=192.0.2.1
enter Dora
enter Carol

# by PROGRAM: `sit` uses that client from now on, in the other namespace; fails if it is not installed.
by() {
    program=$1
    with="$1 on a slow link"
    client_for "$1" && visit="nsenter -t $far -n $visit"
}

if ! by telnet; then
    skip "$what" 'there is no telnet'
    finish
fi

# The second terminal, which shows the perfect screen. Both have a long scrollback.
on_screens start-server \; set-option -g exit-empty off \; set-option -g history-limit 100000
seat Model $columns $rows sh -c 'exec sleep 600'

# --- Keys ---------------------------------------------------------------------------------------------

ended $measuring 60
check 'the round trip of the link is known' [ "$(wc -l <round_trips)" -eq 11 ]

# median FILE: of the numbers in it.
median() {
    sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"
}

# types PERSON KEYS PAUSE: sets $took to the median time from a key to its echo, in round trips of the link.
types() {
    rm -f waits
    on_screens pipe-pane -I -O -t "$1" "exec perl '$tests_folder/lib/typist.pl' $2 $3 '$work/waits'"
    within 60 [ -s waits ] || echo 0 >waits
    press "$1" C-u
    took=$(echo "$(median waits) $(median round_trips)" | awk '{ printf "%.2f", $1 / $2 }')
}

at_most() {
    awk "BEGIN { exit !($1 > 0 && $1 <= $2) }"
}

quickly=thequickbrownfoxjumpsoverthelazydog

# plink sends each key at once, so this shows what the server adds.
if by plink; then
    check "$with: Paula comes in" sit Paula
    types Paula $quickly 0.1
    check "$with: each of ten keys a second shows after one round trip (the median is $took)" at_most "$took" 1.5
    leave_by_command Paula
else
    skip 'each of ten keys a second shows after one round trip' 'there is no plink'
fi

# telnet delays a key until the previous one is acknowledged, a round trip at most (Nagle's algorithm).
by telnet
check "$with: Alice comes in" sit Alice
types Alice $quickly 0.1
check "$with: each of ten keys a second shows after two (the median is $took)" at_most "$took" 2.4

# A lost key delays those behind it, so from now on there is one at a time.
kill -USR1 $near $far
types Alice abcdefghijklmno 0
check "$with: a key shows after one round trip (the median is $took)" at_most "$took" 1.5

# --- What is on the screen ----------------------------------------------------------------------------

# Lines of at most the length of a row (a column less than the screen), some with wide characters. They come in
# about a second, with pauses, so that keys arrive among them.
cat >talk.pl <<'END'
use strict;
use warnings;
use Time::HiRes 'sleep';
my ($seed, $lines, $width, $name) = @ARGV;
srand $seed;
$| = 1;
my @words = (qw(a so the and here there telnet nobody somewhere), "\xe6\x97\xa5\xe6\x9c\xac", "caf\xc3\xa9");
for my $line (1 .. $lines) {
    my ($text, $used) = ("$name-$line", length "$name-$line");
    while ($used < $width - 10 and rand() > 0.1) {
        my $word = $words[rand @words];
        $text .= " $word";
        $used += 1 + ($word =~ /\xe6/ ? 4 : $word =~ /\xc3/ ? 4 : length $word);
    }
    $text .= ' ' . '-' x ($width - $used - 1) if rand() < 0.2 and $used < $width - 1;
    print "$text\n";
    sleep rand 0.05 if rand() < 0.3;
}
END

# talk NAME: Carol says 40 lines that begin with NAME.
talk() {
    perl talk.pl "$seed$round" 40 $((columns - 8)) "$1" >Carol.in
}

# draw_model TYPED [ROWS]: the second terminal prints the end of the transcript, and the prompt with the typed text.
draw_model() {
    {
        sed -n '/^Carol: The beginning\.$/,$p' Dora | tail -n "${2:-$rows}"
        printf 'Alice> %s' "$1"
    } >model
    on_screens send-keys -R -t Model \; clear-history -t Model \; \
        respawn-pane -k -t Model "cat '$work/model'; exec sleep 600"
}

# bottom PERSON NUMBER: prints the last rows in use, and the cursor's column and its distance from their end.
bottom() {
    screen "$1" >"$1.rows"
    tail -n "$2" "$1.rows"
    cursor "$1" | { IFS=, read -r x y && echo "$x $(($(wc -l <"$1.rows") - y))"; }
}

# alike: so are both screens, as far as both have rows in use. (Below a row that became several, and is one again,
# some are empty.)
alike() {
    both=$({ screen Alice | wc -l && screen Model | wc -l; } | sort -n | head -n 1)
    [ "$both" -gt $((rows / 2)) ] && [ "$(bottom Alice "$both")" = "$(bottom Model "$both")" ]
}

# is_perfect SENTENCE TYPED: Alice's screen becomes the perfect one, with that text in the line being typed.
step=0
broken=0
is_perfect() {
    step=$((step + 1))
    say Carol "This was step $step."
    wait_for Dora "Carol: This was step $step." || return
    draw_model "$2"
    check "round $round: $1" within "$patience" alike && return
    broken=$((broken + 1))
    {
        echo "the screen, with the cursor at $(cursor Alice):"
        screen Alice
        echo "the perfect one, with the cursor at $(cursor Model):"
        screen Model
    } | explain
}

# The chances: a number below $1 from the seed.
dice=$seed
chance() {
    dice=$(((dice * 1103515245 + 12345) % 2147483648))
    chosen=$((dice / 65536 % $1))
}

has_size() {
    [ "$(stty -F "$(on_screens display-message -p -t "$1" '#{pane_tty}')" size)" = "$2" ]
}

# change_window COLUMNS CHOICE TEXT: Alice's window gets another size, of COLUMNS and less than CHOICE more, and she
# types the text. Somebody talks only when the server has drawn that. (What it prints before it knows the size, it prints
# for the old one.)
change_window() {
    chance "$2"
    columns=$(($1 + chosen))
    chance 9
    rows=$((12 + chosen))
    resize Model $columns $rows
    resize Alice $columns $rows
    within "$patience" has_size Alice "$rows $columns"
    press Alice C-e C-u
    type_in Alice "$3"
    within "$patience" ends_in Alice "Alice> $3"
}

# This fills the screen, so that nothing else is on it.
say Carol 'The beginning.'
round=0
talk warming-up

round=1
while [ $round -le "$rounds" ]; do
    type_in Alice 'Half a line '
    talk "above-$round"
    type_in Alice 'is typed'
    is_perfect 'messages stand above the line that is being typed' 'Half a line is typed'

    talk "burst-$round" &
    type_in Alice ' and more'
    press Alice Left Left Left Left
    type_in Alice 'even '
    press Alice Home
    type_in Alice "$round: "
    press Alice End BSpace BSpace
    wait $!
    is_perfect 'a burst leaves no remnants in a line that is edited meanwhile' "$round: Half a line is typed and even mo"

    talk "enter-$round" &
    type_in Alice 're'
    press Alice Enter
    type_in Alice 'And'
    wait $!
    check "round $round: the line is entered" wait_for Dora "Alice: $round: Half a line is typed and even more"
    is_perfect 'an entered line stands in its place among the others' 'And'

    type_in Alice ' this line is longer than the screen is wide, by more than one or two words, and so it scrolls'
    talk "wide-$round" &
    press Alice C-w C-w C-u
    type_in Alice "$(printf '\346\227\245\346\234\254 caf\303\251')"
    wait $!
    is_perfect 'a line that scrolled sideways leaves no remnants' "$(printf '\346\227\245\346\234\254 caf\303\251')"

    press Alice Up
    talk "back-$round" &
    press Alice Down C-u Up
    wait $!
    is_perfect 'nor does a line of the history' "$round: Half a line is typed and even more"
    press Alice C-c
    is_perfect 'nor a line that is cleared' ''

    wide=$(printf "%$((columns - 8))s" '' | tr ' ' w)
    type_in Alice "$wide"
    is_perfect 'a line fills the row' "$wide"
    if [ $((round % 2)) -eq 0 ]; then
        press Alice C-a
        within "$patience" points_at Alice 7
    fi
    change_window 50 8 'It is narrower.'
    is_perfect 'a narrower window shows no pieces of a line' 'It is narrower.'
    change_window 60 20 'It is wide.'
    talk "size-$round"
    is_perfect 'and another one messages as before' 'It is wide.'
    press Alice C-c
    round=$((round + 1))
done

# whole PERSON: the transcript in the scrollback and on the screen, in lines.
whole() {
    on_screens capture-pane -J -p -S - -t "$1" | rows_in_use | sed -n '/^Carol: The beginning\.$/,$p' >"$1.whole"
}

wholly_alike() {
    whole Alice
    whole Model
    [ -s Alice.whole ] && cmp -s Alice.whole Model.whole
}

draw_model '' 99999
check 'all lines were printed, whole and in order' within "$patience" wholly_alike
check 'they are many' [ "$(wc -l <Alice.whole)" -ge $((rounds * 240)) ]
is "of $step screens none was broken" $broken 0

# --- The end ------------------------------------------------------------------------------------------

leave_by_command Alice
kill -TERM $near $far
ended $near
ended $far
check 'the link has lost packets to the client' matches near.said '^[1-9][0-9]* of [0-9]* packets were lost$'
check 'and from the client' matches far.said '^[1-9][0-9]* of [0-9]* packets were lost$'
finish
