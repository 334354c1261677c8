#!/bin/sh
# Records Samba's server and tools: captures/real-samba.pcap. SMB1 over a NetBIOS session and over TCP, SMB2.1, SMB3.1.1 signed and encrypted; shares
# listed, files put, read, renamed and removed, a program among them, a wrong password; remote procedure calls over pipes and over TCP: shares,
# users, a service installed, with and without protection; the endpoint mapper; port 1445.
# Needs root, samba, smbclient, samba-common-bin, ip, ethtool and tcpdump. Every recording is a new one.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/wires.sh"

mkdir -p "$scratch/plant" "$scratch/state" "$scratch/recipes" "$scratch/run"
printf 'temperature 180\n' >"$scratch/plant/oven.txt"
printf 'MZ\220\000 not a program, but it begins like one' >"$scratch/update.exe"
cat >"$scratch/smb.conf" <<CONF
[global]
  netbios name = HISTORIAN
  workgroup = PLANT
  server string = Plant historian
  server role = standalone server
  interfaces = 10.8.0.11/24
  bind interfaces only = yes
  smb ports = 445 139 1445
  server min protocol = NT1
  ntlm auth = yes
  map to guest = never
  private dir = $scratch/state
  lock directory = $scratch/state
  state directory = $scratch/state
  cache directory = $scratch/state
  pid directory = $scratch/run
  ncalrpc dir = $scratch/run/ncalrpc
  log file = $scratch/smbd.log
  load printers = no
  disable spoolss = yes
  rpc start on demand helpers = no
[recipes]
  path = $scratch/plant
  read only = no
  force user = root
[secret]
  path = $scratch/recipes
  read only = no
  smb encrypt = required
  force user = root
CONF
printf 'Plant-4711\nPlant-4711\n' | smbpasswd -c "$scratch/smb.conf" -s -a root >/dev/null
sed 's/HISTORIAN/STATION/' "$scratch/smb.conf" >"$scratch/client.conf"

cat >"$scratch/named" <<'SCRIPT'
#!/bin/sh
hostname historian.plant.example
exec "$@"
SCRIPT
chmod +x "$scratch/named"
named="unshare --uts $scratch/named" # a name that says nothing of the machine
record "$here/../../captures/real-samba.pcap"
background $far $named /usr/libexec/samba/samba-dcerpcd -F --no-process-group --libexec-rpcds -s "$scratch/smb.conf"
sleep 2
background $far $named smbd -F --no-process-group -s "$scratch/smb.conf"
sleep 3
who="root%Plant-4711"
run() { timeout 20 $near "$@" -s "$scratch/client.conf" || true; }
work="cd /; ls; get oven.txt $scratch/got.txt; put $scratch/update.exe update.exe; put $scratch/plant/oven.txt notes.txt; rename notes.txt old.txt; del old.txt; mkdir shift; rmdir shift"
{
  run smbclient //10.8.0.11/recipes -U "$who" -m NT1 --option='client min protocol=NT1' -p 139 -n ENGINEERING -c "$work"
  run smbclient //10.8.0.11/recipes -U "$who" -m NT1 --option='client min protocol=NT1' --option='client use spnego=no' -c "ls"
  run smbclient //10.8.0.11/recipes -U "$who" -m SMB2_10 --option='client min protocol=SMB2' -p 1445 -c "$work"
  run smbclient //10.8.0.11/recipes -U "$who" -m SMB3 -c "put $scratch/update.exe later.exe; del later.exe"
  run smbclient //10.8.0.11/secret -U "$who" -m SMB3 -c "put $scratch/update.exe hidden.exe"
  run smbclient //10.8.0.11/recipes -U "root%wrong" -m SMB3 -c "ls"
  run smbclient //10.8.0.11/nothing -U "$who" -m SMB3 -c "ls"
  run rpcclient ncacn_np:10.8.0.11 -U "$who" -c "srvinfo; netshareenum; enumdomusers; lsaquery"
  run rpcclient "ncacn_np:10.8.0.11[sign]" -U "$who" -c "netsharegetinfo recipes"
  run rpcclient "ncacn_ip_tcp:10.8.0.11[seal]" -U "$who" -c "enumdomusers"
  run net rpc service create otosvc "Oto service" 'C:\temp\update.exe -quiet' -S 10.8.0.11 -U "$who"
} >"$scratch/said.txt" 2>&1
cat "$scratch/said.txt"
keep
