#!/bin/sh
# Records vsftpd with Python's ftplib and curl: captures/real-ftp.pcap. Guests and a user who is refused; passive, active, extended; files read,
# written, appended, renamed, deleted, refused; a transfer given up; pipelined commands; TLS; port 2121. Needs root, vsftpd, python3, curl,
# openssl, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

mkdir -p "$scratch/root/recipes/old" "$scratch/empty"
chmod 755 "$scratch" "$scratch/root" "$scratch/empty"
head -c 3000 /dev/zero | tr '\0' 'x' >"$scratch/root/recipes/dough.csv"
printf 'speed;12\nheat;180\n' >"$scratch/root/recipes/small.csv"
head -c 12000 /dev/zero >"$scratch/root/firmware.bin"
chmod -R a+rwX "$scratch/root/recipes"
chown -R ftp: "$scratch/root/recipes"
openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj '/CN=ftp.plant.example' -keyout "$scratch/key.pem" -out "$scratch/cert.pem" 2>/dev/null
config() {
  cat <<CONF
listen=YES
listen_port=$1
background=NO
anonymous_enable=YES
local_enable=YES
write_enable=YES
anon_root=$scratch/root
anon_upload_enable=YES
anon_mkdir_write_enable=YES
anon_other_write_enable=YES
anon_umask=022
secure_chroot_dir=$scratch/empty
seccomp_sandbox=NO
connect_from_port_20=YES
ssl_enable=YES
allow_anon_ssl=YES
force_local_logins_ssl=NO
force_local_data_ssl=NO
rsa_cert_file=$scratch/cert.pem
rsa_private_key_file=$scratch/key.pem
require_ssl_reuse=NO
xferlog_enable=NO
CONF
}
config 21 >"$scratch/21.conf"
config 2121 >"$scratch/2121.conf"

record "$here/../../captures/real-ftp.pcap"
background $far vsftpd "$scratch/21.conf"
background $far vsftpd "$scratch/2121.conf"
sleep 2
set +e # refusals are what is recorded as well
{
  $near python3 "$here/ask-files.py" 10.8.0.11 21
  $near curl -s -m 5 ftp://10.8.0.11:2121/recipes/small.csv
  $near curl -s -m 5 --ftp-port - ftp://10.8.0.11/recipes/
  $near curl -s -m 5 --ssl-reqd -k ftp://10.8.0.11/recipes/small.csv
} >"$scratch/said.txt" 2>&1
set -e
sleep 6
keep
