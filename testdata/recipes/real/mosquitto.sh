#!/bin/sh
# Records mosquitto and its clients: captures/real-mqtt.pcap. Versions 3.1, 3.1.1 and 5.0; each quality of service, retained messages, a last
# will, topic aliases, wildcards, unsubscribing, refusals (password, topic), a long message, port 8899. Needs root, mosquitto, mosquitto-clients,
# ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

mosquitto_passwd -b -c "$scratch/passwords" press-7 'oil and water' 2>/dev/null
cat >"$scratch/acl" <<'ACL'
topic readwrite plant/#
user press-7
topic readwrite plant/#
topic read $SYS/#
ACL
cat >"$scratch/mosquitto.conf" <<CONF
user root
persistence false
password_file $scratch/passwords
acl_file $scratch/acl
allow_anonymous true
listener 1883
listener 8899
CONF
head -c 20000 /dev/zero | tr '\0' 'x' >"$scratch/long"

record "$here/../../captures/real-mqtt.pcap"
background $far mosquitto -c "$scratch/mosquitto.conf" 2>"$scratch/mosquitto.txt"
sleep 2
at="-h 10.8.0.11"
set +e # refusals are what is recorded as well
{
  $near mosquitto_sub $at -i watcher -V mqttv5 -t 'plant/#' -t 'plant/+/state' -q 2 -W 8 &
  watcher=$!
  sleep 1
  for version in mqttv31 mqttv311 mqttv5; do
    for qos in 0 1 2; do
      $near mosquitto_pub $at -i "press-$version" -V $version -t "plant/press/$version" -m "speed $qos" -q $qos
    done
  done
  $near mosquitto_pub $at -i press-7 -u press-7 -P 'oil and water' -t plant/press/state -m on -r -q 1 --will-topic plant/press/gone --will-payload 'gone' --will-qos 1
  $near mosquitto_pub $at -i press-7 -u press-7 -P 'not the password' -t plant/press/state -m off
  $near mosquitto_pub $at -V mqttv5 -i press-8 -u press-7 -P 'not the password' -t plant/press/state -m off
  $near mosquitto_pub $at -V mqttv5 -i press-9 -t office/printer -m off -q 1
  $near mosquitto_pub $at -V mqttv5 -i press-9 -t plant/press/alias -m again -D publish topic-alias 1 --repeat 3 --repeat-delay 0.1
  $near mosquitto_pub $at -V mqttv5 -t plant/press/long -f "$scratch/long" -q 1
  $near mosquitto_pub $at -p 8899 -t plant/press/other -m 'on another port'
  $near mosquitto_sub $at -V mqttv311 -i reader -t 'plant/press/state' -U 'plant/old' -q 1 -C 1 -W 3
  $near mosquitto_sub $at -V mqttv5 -i stranger -t 'office/#' -W 1
  wait $watcher
} >"$scratch/said.txt" 2>&1
set -e
keep
