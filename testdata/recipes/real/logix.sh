#!/bin/sh
# Records the client libraries st-ethernet-ip and nodepccc (npm) and a small server on the two ends of a virtual cable:
# captures/real-logix.pcap. Needs root, node, npm, python3, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

npm install --silent --no-audit --no-fund --prefix "$scratch" st-ethernet-ip@2.7.5 nodepccc@0.1.17 >/dev/null
record "$here/../../captures/real-logix.pcap"
background $far python3 "$here/logix-server.py" 10.8.0.11
sleep 0.5
$near ip route add default dev cable0
NODE_PATH="$scratch/node_modules" timeout 60 $near node --no-deprecation "$here/logix.js" 10.8.0.11
keep
