#!/bin/sh
# Records a client and a server of libmodbus on the two ends of a virtual cable: captures/real-libmodbus.pcap.
# Needs root, a C compiler, libmodbus with its headers, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

cc -O1 -Wall -Wextra -o "$scratch/libmodbus" "$here/libmodbus.c" $(pkg-config --cflags --libs libmodbus)
record "$here/../../captures/real-libmodbus.pcap"
background $far "$scratch/libmodbus" server 10.8.0.11 502
sleep 0.5
$near "$scratch/libmodbus" client 10.8.0.11 502
keep
