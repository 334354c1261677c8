#!/bin/sh
# Records OpenSSL's server and client: captures/real-openssl.pcap. TLS 1.0 to 1.3 and DTLS 1.0 and 1.2 with RSA and elliptic keys; sessions resumed
# by identifier, ticket and pre-shared key; certificates of the client; a retry; application protocols; a chain; a machine's own certificate,
# expired; refusals: wrong authority, wrong name, no common version, no certificate.
# Needs root, openssl 3, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

cd "$scratch"
exec 3>&2 2>openssl.txt
cat >ca.cnf <<'CONF'
[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = optional
organizationName = optional
countryName = optional
serialNumber = optional
organizationalUnitName = optional
[machine]
subjectAltName = DNS:plc-7.plant.example,IP:10.8.0.11,IP:192.168.7.1,URI:urn:plant.example:plc-7,email:hall3@plant.example
basicConstraints = critical,CA:FALSE
CONF
: >index.txt
echo 10 >serial
key() { openssl genpkey -algorithm "$1" -pkeyopt "$2" -out "$3.key"; }
key RSA rsa_keygen_bits:2048 root
key RSA rsa_keygen_bits:2048 server
key EC ec_paramgen_curve:P-256 elliptic
key EC ec_paramgen_curve:P-384 operator
key RSA rsa_keygen_bits:1024 machine
openssl req -x509 -new -key root.key -subj "/C=JP/O=Example Works/CN=Example Works Root" -days 3650 -out root.pem
request() { openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"; }
request server "/C=JP/O=Example Works/CN=historian.plant.example"
request elliptic "/C=JP/O=Example Works/OU=Hall 3/CN=gateway.plant.example"
request operator "/O=Example Works/CN=operator"
request machine "/C=JP/O=Example Machines/CN=PLC-7/serialNumber=EX-0042-17"
sign() { openssl ca -batch -config ca.cnf -cert root.pem -keyfile root.key -days 800 -in "$1.csr" -out "$1.pem" -notext; }
sign server
sign elliptic
sign operator
openssl ca -batch -selfsign -config ca.cnf -extensions machine -keyfile machine.key -startdate 20120101000000Z -enddate 20160101000000Z -md sha1 \
  -in machine.csr -out machine.pem -notext
old="-cipher ALL:@SECLEVEL=0"

record "$here/../../captures/real-openssl.pcap"
serve() { # PORT, options of the server
  port=$1
  shift
  background $far openssl s_server -accept 10.8.0.11:$port -quiet "$@" >/dev/null
}
serve 4431 -cert server.pem -key server.key -cert_chain root.pem $old -alpn h2,http/1.1
serve 4432 -cert elliptic.pem -key elliptic.key -Verify 1 -CAfile root.pem
serve 4433 -cert server.pem -key server.key -groups P-384 -tls1_3
serve 4434 -cert machine.pem -key machine.key -tls1_2 $old
serve 4435 -cert server.pem -key server.key -servername plant.example -servername_fatal -cert2 server.pem -key2 server.key
serve 4436 -cert server.pem -key server.key -tls1_3
serve 4437 -cert server.pem -key server.key -no_ticket -tls1_2
serve 5684 -dtls -cert elliptic.pem -key elliptic.key -listen -mtu 400 $old
serve 5685 -dtls1 -cert server.pem -key server.key $old
sleep 1
call() { # PORT, options of the client
  port=$1
  shift
  (sleep 0.3; echo "status"; sleep 0.2) | timeout 5 $near openssl s_client -connect 10.8.0.11:$port "$@" >/dev/null || true
}
call 4431 -tls1 $old -servername historian.plant.example
call 4431 -tls1_1 $old -servername other.plant.example
call 4431 -tls1_2 -alpn h2,http/1.1 -servername historian.plant.example -sess_out ticket.sess
call 4431 -tls1_2 -servername historian.plant.example -sess_in ticket.sess
call 4437 -tls1_2 -sess_out id.sess
call 4437 -tls1_2 -sess_in id.sess
call 4431 -tls1_2 -cipher AES128-SHA -noservername
call 4431 -tls1_2 -cipher DHE-RSA-AES128-GCM-SHA256 -noservername
call 4436 -tls1_3 -servername historian.plant.example -alpn mqtt -sess_out psk.sess
call 4436 -tls1_3 -servername historian.plant.example -alpn mqtt -sess_in psk.sess
call 4433 -tls1_3 -groups X25519:P-384
call 4432 -tls1_2 -cert operator.pem -key operator.key
call 4432 -tls1_2
call 4432 -tls1_3 -cert operator.pem -key operator.key
call 4434 -tls1_2 $old
call 4431 -tls1_2 -verify_return_error -CAfile machine.pem
call 4435 -tls1_2 -servername wrong.example
call 4436 -tls1_2
call 5684 -dtls1_2 -mtu 400 -servername gateway.plant.example
call 5685 -dtls1 $old
exec 2>&3
keep
