#!/bin/sh
# Records a client and a server of Snap7 on the two ends of a virtual cable: captures/real-snap7.pcap.
# Needs root, npm (the package node-snap7 brings the library's sources), a C++ compiler, ip, ethtool and tcpdump. Every
# recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

(cd "$scratch" && npm pack --silent node-snap7@1.0.9 >/dev/null && tar xzf node-snap7-1.0.9.tgz)
snap7=$scratch/package/deps/snap7/src
c++ -O1 -w -pthread -I"$snap7/core" -I"$snap7/lib" -I"$snap7/sys" -o "$scratch/snap7" "$here/snap7.cpp" \
  "$snap7"/core/*.cpp "$snap7"/lib/*.cpp "$snap7"/sys/*.cpp -lrt
record "$here/../../captures/real-snap7.pcap"
background $far "$scratch/snap7" server 10.8.0.11
sleep 0.5
$near "$scratch/snap7" client 10.8.0.11
keep
