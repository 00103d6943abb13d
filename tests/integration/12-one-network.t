#!/bin/sh
# Goal: an IPv6 /64 counts as one host: for --max-per-host and for wrong passwords.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# The addresses are those of a network of this scenario's own.
if [ "${PARTYLINE_NETWORK:-}" != own ]; then
    for enter_network in 'unshare -n' 'unshare -r -n'; do
        if $enter_network sh -c 'ip link set lo up && ip -6 addr add 2001:db8:1:2::1/64 dev lo nodad' 2>/dev/null; then
            PARTYLINE=$partyline PARTYLINE_NETWORK=own $enter_network sh "$tests_folder/12-one-network.t"
            exit
        fi
    done
    skip 'an IPv6 /64 counts as one host' 'there are no network namespaces: they take root, unshare and ip'
    finish
fi
ip link set lo up
for address in 2001:db8:1:2::1 2001:db8:1:2:ffff::7 2001:db8:1:3::1; do
    ip -6 addr add $address/64 dev lo nodad
done

# come CLIENT ADDRESS: connects from that address.
come() {
    connect "$1" -s "$2" 2001:db8:1:2::1 "$port"
}

start --listen '[2001:db8:1:2::1]:0' --max-per-host 1
come Alice 2001:db8:1:2::1
wait_for Alice 'Enter your name: '
come Bob 2001:db8:1:2:ffff::7
check 'another address of the same /64 is the same host' told Bob '*** Too many connections from your address. ***'
come Carol 2001:db8:1:3::1
check 'one of the next /64 is not' wait_for Carol 'Enter your name: '
stop

echo sesame >password
chmod 600 password
start --listen '[2001:db8:1:2::1]:0' --password-file password
come Alice 2001:db8:1:2::1
send Alice 'a\nb\nc\n'
wait_for_count 3 Alice 'That is not the password' # the next one of them waits for some seconds
come Bob 2001:db8:1:2:ffff::7
send Bob 'd\n'
come Carol 2001:db8:1:3::1
send Carol 'e\n'
check 'wrong passwords of another network are looked at' wait_for Carol 'That is not the password'
check 'while those of one wait for each other' lacks Bob 'That is not the password'
stop
finish
