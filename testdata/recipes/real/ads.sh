#!/bin/sh
# Records the client library ads-client (npm) and a small server on the two ends of a virtual cable: captures/real-ads.pcap.
# Needs root, node, npm, python3, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

npm install --silent --no-audit --no-fund --prefix "$scratch" ads-client@2.1.0 >/dev/null
record "$here/../../captures/real-ads.pcap"
background $far python3 "$here/ads-server.py" 10.8.0.11
sleep 0.5
NODE_PATH="$scratch/node_modules" timeout 60 $near node "$here/ads.js" 10.8.0.11
keep
