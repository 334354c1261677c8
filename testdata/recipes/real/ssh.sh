#!/bin/sh
# Records OpenSSH and Dropbear: captures/real-ssh.pcap. Logins by key with several ciphers, MACs and key exchanges, wrong passwords, compression,
# ports 2222 and 2022, a client that only reads the version line. Needs root, openssh-server, openssh-client, dropbear-bin, ip, ethtool and
# tcpdump; keys are made anew. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

mkdir -p /run/sshd
chmod 755 "$scratch"
for kind in ed25519 ecdsa rsa; do ssh-keygen -q -t $kind -N '' -f "$scratch/host_$kind"; done
ssh-keygen -q -t ed25519 -N '' -f "$scratch/me"
cp "$scratch/me.pub" "$scratch/authorized"
cat >"$scratch/sshd_config" <<CONF
HostKey $scratch/host_ed25519
HostKey $scratch/host_ecdsa
HostKey $scratch/host_rsa
AuthorizedKeysFile $scratch/authorized
PermitRootLogin yes
StrictModes no
UsePAM no
PasswordAuthentication yes
KexAlgorithms +diffie-hellman-group14-sha1
HostKeyAlgorithms +ssh-rsa
Ciphers +aes128-cbc
PidFile none
CONF
cat >"$scratch/answer" <<'ANSWER'
#!/bin/sh
echo not-the-password
ANSWER
chmod +x "$scratch/answer"
dropbearkey -t ed25519 -f "$scratch/dropbear" >/dev/null 2>&1

record "$here/../../captures/real-ssh.pcap"
background $far /usr/sbin/sshd -D -e -f "$scratch/sshd_config" -p 22 -p 2222 2>"$scratch/sshd.txt"
background $far dropbear -F -E -r "$scratch/dropbear" -p 2022 2>"$scratch/dropbear.txt"
sleep 2
quiet="-F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o LogLevel=QUIET"
key="-i $scratch/me -o IdentitiesOnly=yes -o BatchMode=yes"
to=root@10.8.0.11
export SSH_ASKPASS="$scratch/answer" SSH_ASKPASS_REQUIRE=force
set +e # refusals are what is recorded as well
{
  $near ssh $quiet $key $to true
  $near ssh $quiet $key -c aes128-ctr -m hmac-sha2-256 -o KexAlgorithms=diffie-hellman-group-exchange-sha256 -o HostKeyAlgorithms=ssh-rsa $to true
  $near ssh $quiet $key -c aes256-gcm@openssh.com -o KexAlgorithms=ecdh-sha2-nistp256 -o HostKeyAlgorithms=ecdsa-sha2-nistp256 $to true
  $near ssh $quiet $key -c aes128-cbc -m hmac-sha1 -o KexAlgorithms=diffie-hellman-group14-sha1 -o HostKeyAlgorithms=rsa-sha2-512 $to true
  $near ssh $quiet $key -C $to true
  $near ssh $quiet -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=3 $to true
  $near ssh $quiet $key -p 2222 -o KexAlgorithms=sntrup761x25519-sha512@openssh.com $to true
  $near ssh $quiet $key -p 2022 $to true
  $near ssh $quiet $key -c no-such-cipher $to true
  $near ssh $quiet $key -o HostKeyAlgorithms=ssh-dss $to true
  $near timeout 2 bash -c 'exec 3<>/dev/tcp/10.8.0.11/22; head -1 <&3'
} >"$scratch/said.txt" 2>&1 </dev/null
set -e
keep
