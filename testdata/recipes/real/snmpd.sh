#!/bin/sh
# Records Net-SNMP's agent and its tools: captures/real-snmpd.pcap. Versions 1, 2c and 3 (noAuthNoPriv, authNoPriv, authPriv); get, get-next,
# get-bulk, set; traps and informs; a wrong community, user and key; objects that are not there; TCP; port 1161.
# Needs root, snmpd, snmptrapd, snmp, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

cat >"$scratch/snmpd.conf" <<'CONF'
agentaddress udp:10.8.0.11:161,tcp:10.8.0.11:161,udp:10.8.0.11:1161
engineIDType 3
engineIDNic cable0
rocommunity plant-reads
rwcommunity plant-writes
createUser viewer
createUser keeper SHA "a phrase for keys" AES "another phrase for it"
rouser viewer noauth
rwuser keeper priv
sysDescr Example switch, 8 ports, firmware 2.4.1
sysServices 2
sysName switch-hall-3
override 1.3.6.1.2.1.1.2.0 object_id 1.3.6.1.4.1.248.14.10.40
override 1.3.6.1.2.1.47.1.1.1.1.2.1 octet_str "Chassis of the example switch"
override 1.3.6.1.2.1.47.1.1.1.1.8.1 octet_str "Rev B"
override 1.3.6.1.2.1.47.1.1.1.1.9.1 octet_str "2.4.1"
override 1.3.6.1.2.1.47.1.1.1.1.11.1 octet_str "SN-0042-17"
override 1.3.6.1.2.1.47.1.1.1.1.12.1 octet_str "Example Works"
override 1.3.6.1.2.1.47.1.1.1.1.13.1 octet_str "EX-8"
override -rw 1.3.6.1.2.1.2.2.1.7.7 integer 1
CONF
cat >"$scratch/snmptrapd.conf" <<'CONF'
authCommunity log plant-traps
disableAuthorization yes
CONF
export SNMP_PERSISTENT_DIR="$scratch/state" SNMPCONFPATH="$scratch/none" MIBS=

record "$here/../../captures/real-snmpd.pcap"
background $far snmpd -f -Le -C -c "$scratch/snmpd.conf" -p "$scratch/snmpd.pid" -I -smux
background $near snmptrapd -f -Le -C -c "$scratch/snmptrapd.conf" udp:10.8.0.20:162
sleep 2
read="-t 1 -r 0 -c plant-reads"
write="-t 1 -r 0 -v2c -c plant-writes"
viewer="-t 1 -r 0 -v3 -l noAuthNoPriv -u viewer"
keeper="-t 1 -r 0 -v3 -u keeper -a SHA -A"
agent=10.8.0.11
set +e # refusals are what is recorded as well
{
  $near snmpget -v1 $read $agent .1.3.6.1.2.1.1.1.0 .1.3.6.1.2.1.1.3.0
  $near snmpget -v1 $read $agent .1.3.6.1.2.1.1.99.0
  $near snmpwalk -v2c $read $agent .1.3.6.1.2.1.1
  $near snmpwalk -v2c $read $agent .1.3.6.1.2.1.2.2.1.6
  $near snmpbulkwalk -v2c $read $agent .1.3.6.1.2.1.47.1.1.1.1
  $near snmpget -v2c $read $agent .1.3.6.1.2.1.1.99.0
  $near snmpget -v2c $read tcp:$agent:161 .1.3.6.1.2.1.1.5.0
  $near snmpget -v2c $read udp:$agent:1161 .1.3.6.1.2.1.1.5.0
  $near snmpget -v2c -t 1 -r 0 -c not-this-one $agent .1.3.6.1.2.1.1.5.0
  $near snmpset $write $agent .1.3.6.1.2.1.1.6.0 s "Hall 3, cabinet 12"
  $near snmpset $write $agent .1.3.6.1.2.1.2.2.1.7.7 i 2
  $near snmpset $write $agent .1.3.6.1.2.1.1.6.0 i 5
  $near snmpset -v2c $read $agent .1.3.6.1.2.1.1.6.0 s "nobody may"
  $near snmpget $viewer $agent .1.3.6.1.2.1.1.1.0
  $near snmpget $keeper "a phrase for keys" -l authNoPriv $agent .1.3.6.1.2.1.1.5.0
  $near snmpget $keeper "a phrase for keys" -l authPriv -x AES -X "another phrase for it" $agent .1.3.6.1.2.1.1.5.0
  $near snmpget $keeper "no phrase of ours" -l authNoPriv $agent .1.3.6.1.2.1.1.5.0
  $near snmpget -t 1 -r 0 -v3 -l noAuthNoPriv -u nobody $agent .1.3.6.1.2.1.1.5.0
  $far snmptrap -v1 -c plant-traps 10.8.0.20 .1.3.6.1.4.1.248.14 $agent 2 0 4711 .1.3.6.1.2.1.2.2.1.1.7 i 7
  $far snmptrap -v1 -c plant-traps 10.8.0.20 .1.3.6.1.4.1.248.14 $agent 6 17 4711 .1.3.6.1.2.1.2.2.1.1.7 i 7
  $far snmptrap -v2c -c plant-traps 10.8.0.20 4712 .1.3.6.1.6.3.1.1.5.1
  $far snmpinform -v2c -c plant-traps 10.8.0.20 4713 .1.3.6.1.6.3.1.1.5.4 .1.3.6.1.2.1.2.2.1.1.7 i 7
} >"$scratch/said.txt" 2>&1
set -e
keep
