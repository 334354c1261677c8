#!/bin/sh
# Records TigerVNC's server: captures/real-vnc.pcap. A password that is right, one that is wrong, and none at all on port 5999.
# Needs root, tigervnc-standalone-server (Xvnc), vncsnapshot, x11vnc (for its passwords), ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

x11vnc -storepasswd wordofit "$scratch/right" >/dev/null 2>&1
x11vnc -storepasswd wrongone "$scratch/wrong" >/dev/null 2>&1
record "$here/../../captures/real-vnc.pcap"
background $far Xvnc :11 -geometry 160x100 -depth 16 -desktop "HMI hall 3" -rfbport 5900 -SecurityTypes VncAuth,TLSNone,Plain -PasswordFile "$scratch/right" -nolisten tcp
background $far Xvnc :12 -geometry 160x100 -depth 16 -desktop "open panel" -rfbport 5999 -SecurityTypes None -nolisten tcp
sleep 2
set +e # refusals are what is recorded as well
$near timeout 10 vncsnapshot -quiet -passwd "$scratch/right" 10.8.0.11::5900 "$scratch/a.jpg" >"$scratch/said.txt" 2>&1
$near timeout 10 vncsnapshot -quiet -passwd "$scratch/wrong" 10.8.0.11::5900 "$scratch/b.jpg" >>"$scratch/said.txt" 2>&1
$near timeout 10 vncsnapshot -quiet 10.8.0.11::5999 "$scratch/c.jpg" >>"$scratch/said.txt" 2>&1
set -e
keep
