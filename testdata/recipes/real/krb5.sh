#!/bin/sh
# Records MIT Kerberos: captures/real-krb5.pcap. First tickets and tickets for services over UDP and TCP, with and without proof beforehand;
# a wrong password, clients and services that nobody knows, an expired one; RC4.
# Needs root, krb5-kdc, krb5-user, krb5-admin-server, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

cat >"$scratch/krb5.conf" <<CONF
[libdefaults]
  default_realm = PLANT.EXAMPLE
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  allow_weak_crypto = true
  udp_preference_limit = 1400
[realms]
  PLANT.EXAMPLE = {
    kdc = 10.8.0.11
  }
CONF
sed 's/udp_preference_limit = 1400/udp_preference_limit = 1/' "$scratch/krb5.conf" >"$scratch/tcp.conf"
cat >"$scratch/kdc.conf" <<CONF
[kdcdefaults]
  kdc_ports = 88
  kdc_tcp_ports = 88
[realms]
  PLANT.EXAMPLE = {
    database_name = $scratch/principal
    key_stash_file = $scratch/stash
    supported_enctypes = aes256-cts-hmac-sha1-96:normal rc4-hmac:normal
    max_life = 10h
    max_renewable_life = 7d
  }
[logging]
  kdc = FILE:$scratch/kdc.log
CONF
export KRB5_CONFIG="$scratch/krb5.conf" KRB5_KDC_PROFILE="$scratch/kdc.conf" KRB5CCNAME="$scratch/tickets"
kdb5_util create -s -r PLANT.EXAMPLE -P "a phrase for the database" >/dev/null 2>&1
for principal in "engineer +requires_preauth" "operator -requires_preauth" "gone -expire yesterday" "hmi1\$ +requires_preauth"; do
  set -- $principal
  name=$1
  shift
  if [ "${1#-expire}" != "$1" ]; then set -- -expire "1 Jan 2020 00:00:00 UTC"; fi
  kadmin.local -r PLANT.EXAMPLE add_principal "$@" -pw "word-of-$name" "$name" >/dev/null 2>&1
done
kadmin.local -r PLANT.EXAMPLE add_principal -randkey opc/historian.plant.example >/dev/null 2>&1
kadmin.local -r PLANT.EXAMPLE add_principal -randkey -e rc4-hmac:normal old/plc5.plant.example >/dev/null 2>&1

record "$here/../../captures/real-krb5.pcap"
background $far krb5kdc -n -r PLANT.EXAMPLE >/dev/null
sleep 1
set +e # refusals are what is recorded as well
{
  echo word-of-operator | $near kinit operator
  $near kvno opc/historian.plant.example
  $near kvno old/plc5.plant.example
  $near kvno nobody/nowhere.plant.example
  echo word-of-engineer | $near kinit -f -r 2d engineer
  echo not-the-word | $near kinit engineer
  echo word | $near kinit stranger
  echo word-of-gone | $near kinit gone
  echo 'word-of-hmi1$' | $near env KRB5_CONFIG="$scratch/tcp.conf" kinit 'hmi1$'
  $near env KRB5_CONFIG="$scratch/tcp.conf" kvno opc/historian.plant.example
} >"$scratch/said.txt" 2>&1
set -e
keep
