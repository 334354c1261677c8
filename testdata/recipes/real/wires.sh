# Two network namespaces joined by a virtual cable, for the scripts beside this file to source: $near and $far before a
# command run it on either end, `record FILE` starts tcpdump on the near end and `keep` ends it; whatever happens,
# `finish` stops what was started and removes all.
# Needs root, ip, ethtool and tcpdump. MACs are from blocks that are nobody's (locally administered).

near_space=otoscope-near-$$
far_space=otoscope-far-$$
scratch=$(mktemp -d)
started=

# Words rather than functions: a function in the background would be a shell around the process that is to be ended.
near="ip netns exec $near_space"
far="ip netns exec $far_space"

# Runs a command in the background, to be ended by finish.
background() {
  "$@" &
  started="$started $!"
}

finish() {
  for process in $started; do kill "$process" 2>/dev/null || true; done
  wait
  ip netns del "$near_space" 2>/dev/null || true
  ip netns del "$far_space" 2>/dev/null || true
  rm -rf "$scratch"
}
trap finish EXIT

ip netns add "$near_space"
ip netns add "$far_space"
ip -n "$near_space" link add cable0 type veth peer name cable0 netns "$far_space"
ip -n "$near_space" link set cable0 address 02:00:00:00:00:20
ip -n "$far_space" link set cable0 address 02:00:00:00:00:11
ip -n "$near_space" addr add 10.8.0.20/24 dev cable0
ip -n "$far_space" addr add 10.8.0.11/24 dev cable0
for space in "$near_space" "$far_space"; do
  ip -n "$space" link set lo up
  ip -n "$space" link set cable0 up
  # Otherwise the kernel leaves checksums to hardware that is not there.
  ip netns exec "$space" ethtool -K cable0 tx off >/dev/null
done

record() {
  capture=$1
  : >"$scratch/tcpdump.txt"
  $near tcpdump -q -n -U -i cable0 -w "$scratch/capture.pcap" 2>"$scratch/tcpdump.txt" &
  recorder=$!
  started="$started $recorder"
  while ! grep -q 'listening on' "$scratch/tcpdump.txt"; do
    kill -0 "$recorder" 2>/dev/null || { cat "$scratch/tcpdump.txt" >&2; exit 1; }
    sleep 0.1
  done
}

# Waits for the last packets, then keeps the recording.
keep() {
  sleep 1
  kill "$recorder"
  wait "$recorder" || true
  cp "$scratch/capture.pcap" "$capture"
}
