#!/bin/sh
# Records the client libraries nodes7 and @st-one-io/nodes7 (npm) and Snap7's server on the two ends of a virtual cable: captures/real-nodes7.pcap.
# Needs root, node, npm (the package node-snap7 brings Snap7's sources), a C++ compiler, ip, ethtool and tcpdump. Every recording is a new
# one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$scratch" nodes7@0.3.18 @st-one-io/nodes7@1.1.2 >/dev/null
(cd "$scratch" && npm pack --silent node-snap7@1.0.9 >/dev/null && tar xzf node-snap7-1.0.9.tgz)
snap7=$scratch/package/deps/snap7/src
c++ -O1 -w -pthread -I"$snap7/core" -I"$snap7/lib" -I"$snap7/sys" -o "$scratch/snap7" "$here/snap7.cpp" \
  "$snap7"/core/*.cpp "$snap7"/lib/*.cpp "$snap7"/sys/*.cpp -lrt
record "$here/../../captures/real-nodes7.pcap"
background $far "$scratch/snap7" server 10.8.0.11
sleep 0.5
NODE_PATH="$scratch/node_modules" timeout 60 $near node "$here/nodes7.js" 10.8.0.11
keep
