#!/bin/sh
# Records dnsmasq answering queries of every type it holds: captures/real-dnsmasq.pcap.
# Needs root, dnsmasq, python3, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

record "$here/../../captures/real-dnsmasq.pcap"
background $far dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --pid-file= --user=root \
  --listen-address=10.8.0.11 --bind-interfaces --local=/plant.example/ --domain=plant.example \
  --host-record=historian.plant.example,10.8.0.21,fd00:8::21 --cname=trends.plant.example,historian.plant.example \
  --mx-host=plant.example,mail.plant.example,10 --txt-record=plant.example,"line one","line two" \
  --srv-host=_opc-tcp._tcp.plant.example,historian.plant.example,4840,0,5
sleep 0.5
$near python3 "$here/ask-names.py" 10.8.0.11
keep
