#!/bin/sh
# Records GNU inetutils' Telnet server and client: captures/real-telnetd.pcap. A login that works, one that is refused, and one in a window of
# 132 columns; the banner and prompts are a script's, so that no account of this machine is needed.
# Needs root, inetutils-telnetd, inetutils-telnet, python3, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

record "$here/../../captures/real-telnetd.pcap"
background $far python3 "$here/telnet-server.py" 10.8.0.11 23
sleep 1
$near python3 "$here/telnet-client.py" 10.8.0.11 23 >"$scratch/said.txt" 2>&1
keep
