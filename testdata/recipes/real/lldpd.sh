#!/bin/sh
# Records lldpd speaking LLDP and CDP on both ends of a cable: captures/real-lldpd.pcap. The near end is a computer, the far end is set up as a
# switch of a plant: LLDP-MED inventory and location, VLANs, PROFINET's TLVs, a renaming, one that leaves.
# Needs root, lldpd, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

# lldpd and lldpcli give up root and still want their socket.
chmod 711 "$scratch"
mkdir -p /run/lldpd
record "$here/../../captures/real-lldpd.pcap"
cat >"$scratch/near.conf" <<'CONF'
configure system hostname station-7
configure lldp tx-interval 1
CONF
cat >"$scratch/far.conf" <<'CONF'
configure system hostname switch-hall-3
configure system capabilities enabled bridge
configure lldp tx-interval 1
configure lldp portidsubtype local port-001
configure med location address country JP city Nagoya street Hakko number 3-1
configure inventory hardware-revision "Rev B"
configure inventory firmware-revision 2.4.1
configure inventory software-revision 7
configure inventory serial-number SN-0042-17
configure inventory manufacturer "Example Works"
configure inventory model EX-8
configure inventory asset A-1187
configure ports cable0 dot3 power pse supported enabled powerpairs signal class class-2
CONF
background $near lldpd -d -l -ccccc -I cable0 -u "$scratch/near.sock" -O "$scratch/near.conf" \
  -S "Debian GNU/Linux 12 (bookworm) Linux 6.1.0-18-amd64 #1 SMP x86_64"
background $far lldpd -d -l -ccc -M 4 -I cable0 -m 10.8.0.11 -u "$scratch/far.sock" -O "$scratch/far.conf" -P "Example switch EX-8" \
  -S "Example Works, EX-8, HW: 4, FW: 2.4.1"
sleep 3
far_set() { $far lldpcli -u "$scratch/far.sock" "$@" >/dev/null; }
far_set configure lldp custom-tlv oui 00,0e,cf subtype 5 oui-info 02,00,00,00,00,10
far_set configure lldp custom-tlv add oui 00,0e,cf subtype 2 oui-info 00,00,00,00
far_set configure lldp custom-tlv add oui 00,1b,c5 subtype 9 oui-info 01,02,03
far_set configure lldp custom-tlv add oui 00,80,c2 subtype 1 oui-info 00,1e
far_set configure lldp custom-tlv add oui 00,80,c2 subtype 3 oui-info 00,1e,05,68,61,6c,6c,33
sleep 2
far_set configure system hostname switch-hall-4
sleep 2
# Who ends says so: time to live 0.
for process in $started; do
  [ "$process" = "$recorder" ] || kill "$process"
done
sleep 1
keep
