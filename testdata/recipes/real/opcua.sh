#!/bin/sh
# Records node-opcua (npm), server and client, on the two ends of a virtual cable: captures/real-opcua.pcap.
# Needs root, node, npm, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$scratch" node-opcua@2.186.4 >/dev/null
NODE_PATH="$scratch/node_modules"
export NODE_PATH
background $far node "$here/opcua.js" server 10.8.0.11 "$scratch/server" >"$scratch/server.txt"
for _ in $(seq 100); do grep -q ready "$scratch/server.txt" && break; sleep 0.3; done
record "$here/../../captures/real-opcua.pcap"
timeout 120 $near node "$here/opcua.js" client 10.8.0.11 "$scratch/client"
keep
