#!/bin/sh
# Goal: who is at a terminal stays, however long they only read; a clock of its own runs there, which every
# key starts anew; and who is at the end of a dead connection is found.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=bytes.sh
. "$tests_folder/bytes.sh"

# start_both [OPTION...]: with a plain address, and one for terminals in $telnet_port.
start_both() {
    start --listen 127.0.0.1:0 --telnet 127.0.0.1:0 "$@"
    telnet_port=$(sed -n '2s/^Chat server running on .*:\([0-9][0-9]*\) (telnet)$/\1/p' console)
}

# --- By default, nobody is idle at a terminal ---------------------------------------------------------

start_both --idle-timeout 1
sit Rita
enter Plain
wait_for Plain 'Disconnected: idle timeout.'
enter Late
check 'who is silent on a plain line is idle' wait_for Late 'Disconnected: idle timeout.'
send Rita 'still here\r\000'
check 'who is silent at a terminal is not' got Rita 'Rita\033[0m: still here'
check 'nor is it announced' lacks Rita 'You will be disconnected'
send Rita '/edit off\r\000'
check 'who goes back to line mode is, as anybody on a plain line' wait_for Rita 'Disconnected: idle timeout.'
check 'the log has the reason' wait_for_match console '^Rita \(127\.0\.0\.1:[0-9]+\) has left: idle timeout$'
check 'the server stops' stop

# --- With a timeout, every key counts ------------------------------------------------------------------

start_both --idle-timeout 0 --telnet-idle 4
enter Bob
sit Kay
sit Ida
type_on() {
    has Bob '*** Ida has left the chat ***' && return
    send Kay k
    sleep 0.1
    return 1
}
check 'with --telnet-idle, who presses no key is idle' within "$patience" type_on
check 'and is told' wait_for Ida 'Disconnected: idle timeout.'
send Kay '\r\000'
check 'who presses keys is not, though no line is entered' wait_for_match Bob '^Kay: k+$'
check 'and it is for terminals alone' lacks Bob 'Disconnected'
check 'the server stops' stop

# --- At the prompt for a name, it is as on a plain line -------------------------------------------------

start_both --login-timeout 1
connect Mute 127.0.0.1 "$telnet_port"
got Mute "$offer"
send Mute "$agree"
check 'who says no name at a terminal is idle' wait_for Mute 'Disconnected: idle timeout.'

# --- Keepalive ----------------------------------------------------------------------------------------

# asks_soon: the kernel waits 240 seconds at most, in units of a hundredth, before it asks whether a silent
# peer of the server's is there: timer 02 of an established connection (01) from the server's port.
asks_soon() {
    here=$(printf '0100007F:%04X' "$port")
    left=$(awk -v here="$here" '$2 == here && $4 == "01" && $6 ~ /^02:/ { print substr($6, 4); exit }' /proc/net/tcp)
    [ -n "$left" ] && [ $((0x$left)) -gt 0 ] && [ $((0x$left)) -le 24000 ]
}

sentence='the kernel finds dead peers within minutes'
if [ -r /proc/net/tcp ] && [ "$(uname -s)" = Linux ]; then
    check 'the server stops' stop
    start_both
    enter Alive
    check "$sentence" within "$patience" asks_soon
else
    skip "$sentence" 'there is no /proc/net/tcp to look at'
fi

finish
