#!/bin/sh
# Records xrdp and FreeRDP: captures/real-rdp.pcap. TLS, RDP's own encryption, a server that refuses what the client wants, port 13389.
# Needs root, xrdp, freerdp2-x11, xvfb, openssl, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/key.pem" -out "$scratch/cert.pem" -days 3650 -subj /CN=hmi3.plant.example 2>/dev/null
cp /etc/xrdp/rsakeys.ini "$scratch/rsakeys.ini" 2>/dev/null || xrdp-keygen xrdp "$scratch/rsakeys.ini" >/dev/null
for kind in tls:3389:tls rdp:3390:negotiate own:13389:rdp; do
  name=${kind%%:*}
  rest=${kind#*:}
  sed -e "s|^port=3389|port=tcp://10.8.0.11:${rest%%:*}|" -e "s|^security_layer=.*|security_layer=${rest#*:}|" -e "s|^certificate=.*|certificate=$scratch/cert.pem|" \
    -e "s|^key_file=.*|key_file=$scratch/key.pem|" -e "s|^LogFile=.*|LogFile=$scratch/$name.log|" -e "s|^crypt_level=.*|crypt_level=high|" /etc/xrdp/xrdp.ini >"$scratch/$name.ini"
done
record "$here/../../captures/real-rdp.pcap"
background $far xrdp --nodaemon --config "$scratch/tls.ini" >/dev/null 2>&1
sleep 1
background $far xrdp --nodaemon --config "$scratch/own.ini" >/dev/null 2>&1
background $near Xvfb :21 -screen 0 320x240x16 -nolisten tcp >/dev/null 2>&1
sleep 2
set +e # refusals are what is recorded as well
export DISPLAY=:21 HOME="$scratch"
client="timeout 6 xfreerdp /size:320x240 /bpp:8 /cert:ignore /u:engineer /p:not-a-word /client-hostname:ENGINEER1 /kbd:0x0411"
$near $client /v:10.8.0.11:3389 /sec:tls >"$scratch/said.txt" 2>&1
$near $client /v:10.8.0.11:13389 /sec:rdp >>"$scratch/said.txt" 2>&1
$near $client /v:10.8.0.11:3389 /sec:rdp >>"$scratch/said.txt" 2>&1
set -e
keep
