#!/usr/bin/perl
# usage: slow_link.pl HERE THERE ADDRESS PEER DELAY LOSS SEED
#
# One end of a slow link between two network namespaces: a point-to-point device (TUN) with ADDRESS in the
# namespace that this runs in. The other end runs in the other namespace, with HERE and THERE exchanged (paths of
# unix sockets, which connect across namespaces), and ADDRESS and PEER, too. Each packet that enters here leaves
# there DELAY seconds later, in order; from SIGUSR1 on it may be lost instead, with the probability LOSS, as SEED has
# it. The bandwidth is not limited.
#
# Prints `up` when packets can go both ways, and on SIGTERM `N of M packets were lost`, those that entered here.
# Brings the loopback device of the namespace up, too. Ends with status 3 if the system does not allow such a device.
# For Linux, on machines with the common numbers for ioctl().
use strict;
use warnings;
use Errno;
use IO::Handle;
use Socket;
use Time::HiRes ();

my ($here, $there, $address, $peer, $delay, $loss, $seed) = @ARGV;
die "usage: slow_link.pl HERE THERE ADDRESS PEER DELAY LOSS SEED\n" unless defined $seed;
srand $seed;

# <linux/if.h>, <linux/if_tun.h>, <linux/sockios.h>
use constant { IFF_UP => 1, IFF_TUN => 1, IFF_NO_PI => 0x1000, TUNSETIFF => 0x400454ca };
use constant { SIOCGIFFLAGS => 0x8913, SIOCSIFFLAGS => 0x8914, SIOCSIFADDR => 0x8916, SIOCSIFDSTADDR => 0x8918 };

# Does not return if the system will not have it.
sub request {
    my ($file, $number, $device, $value) = @_;
    my $request = pack 'a16 a24', $device, $value; # struct ifreq
    ioctl($file, $number, $request) or die "$device: ioctl $number: $!\n";
    return substr $request, 16;
}

sub bring_up {
    my ($file, $device) = @_;
    my $flags = unpack 's', request($file, SIOCGIFFLAGS, $device, '');
    request($file, SIOCSIFFLAGS, $device, pack 's', $flags | IFF_UP);
}

sub open_device {
    open my $packets, '+<', '/dev/net/tun' or die "/dev/net/tun: $!\n";
    request($packets, TUNSETIFF, 'slow', pack 's', IFF_TUN | IFF_NO_PI);
    socket(my $socket, PF_INET, SOCK_DGRAM, 0) or die "socket: $!\n";
    request($socket, SIOCSIFADDR, 'slow', pack_sockaddr_in(0, inet_aton($address)));
    request($socket, SIOCSIFDSTADDR, 'slow', pack_sockaddr_in(0, inet_aton($peer)));
    bring_up($socket, $_) for 'slow', 'lo';
    $packets->blocking(0);
    return $packets;
}

# The other end may begin later.
sub join_other_end {
    socket(my $link, PF_UNIX, SOCK_DGRAM, 0) or die "socket: $!\n";
    bind($link, pack_sockaddr_un($here)) or die "$here: $!\n";
    Time::HiRes::sleep(0.01) until connect($link, pack_sockaddr_un($there));
    $link->blocking(0);
    return $link;
}

my $packets = eval { open_device() };
if (!$packets) {
    print STDERR $@;
    exit 3;
}
my $link = join_other_end();
my ($lost, $sent) = (0, 0);
my $losing = 0;
local $SIG{USR1} = sub { $losing = 1 };
local $SIG{TERM} = sub { print "$lost of $sent packets were lost\n"; exit };
$| = 1;
print "up\n";

my @on_their_way; # to the other end; pairs: when it arrives there, and the packet
for (;;) {
    wait_for_packets();
    while (sysread $packets, my $packet, 65536) {
        $sent++;
        $losing && rand() < $loss ? $lost++ : push @on_their_way, [now() + $delay, $packet];
    }
    while (@on_their_way && $on_their_way[0][0] <= now()) {
        last unless defined send $link, $on_their_way[0][1], 0;
        shift @on_their_way;
    }
    while (defined recv $link, my $packet, 65536, 0) {
        syswrite $packets, $packet; # Should the device not take it, it is lost.
    }
    die "the link: $!\n" unless $!{EAGAIN};
}

sub now { return Time::HiRes::clock_gettime(Time::HiRes::CLOCK_MONOTONIC()) }

sub wait_for_packets {
    my $readable = '';
    vec($readable, fileno $_, 1) = 1 for $packets, $link;
    my $rest = @on_their_way ? $on_their_way[0][0] - now() : 60;
    select $readable, undef, undef, $rest > 0.001 ? $rest : 0.001;
}
