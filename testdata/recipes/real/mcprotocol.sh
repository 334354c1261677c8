#!/bin/sh
# Records the client library mcprotocol (npm) and a small server on the two ends of a virtual cable: captures/real-mcprotocol.pcap.
# Needs root, node, npm, python3, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

npm install --silent --no-audit --no-fund --prefix "$scratch" mcprotocol@0.1.2 >/dev/null
ports="5551=1E/binary 5552=1E/ascii 5007=3E/binary 5002=3E/ascii"
record "$here/../../captures/real-mcprotocol.pcap"
background $far python3 "$here/melsec-server.py" 10.8.0.11 $ports
sleep 0.5
NODE_PATH="$scratch/node_modules" timeout 60 $near node "$here/mcprotocol.js" 10.8.0.11 $ports
keep
