#!/usr/bin/env python3
"""Compare what conn.log calls the service of a flow with the protocols that tshark finds in it, over all captures.

    tshark_service.py [--binary OTOSCOPE] [--shared DIR] [--check] [--list] [--show WORD] [--jobs N] [CAPTURE...]

A flow is a pair of endpoints over TCP or UDP. tshark's names of it are all that it sees above the transport, in any frame; ours are those of
`service`. They agree when one of tshark's means one of ours (MEANS below), or neither has any. What does not is counted by what both say:
known-differences-service.tsv lists each such pair with its flows, its captures, whose it is and why, and --check holds that exactly. --list
prints the pairs as rows of that table; --show prints the flows of pairs in which WORD stands. CAPTURE limits the run to captures whose
name contains the word; the table is then not held.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
KNOWN = os.path.join(HERE, "known-differences-service.tsv")
NONE = "-"

# What carries, and what tshark calls bytes that it does not know.
CARRIERS = set("eth ethertype ip ipv6 tcp udp data vlan sll null raw llc snap ppp pppoes pppoed mpls frame tcp.segments fake-field-wrapper isl gre vxlan "
               "tpkt ses pres acse ntlmssp spnego gss-api x509sat x509ce x509af pkix1explicit pkix1implicit pkcs-1 cms xml json png image-gif "
               "image-jfif media data-text-lines urlencoded-form mime_multipart imf short malformed t125 t124".split())
# tshark's name, and what we call it.
MEANS = {
    "mbtcp": "modbus", "mbudp": "modbus", "mbrtu": "modbus", "llmnr": "dns", "mdns": "dns", "nbns": "dns", "dcerpc": "dce_rpc", "bvlc": "bacnet", "bacapp": "bacnet",
    "tls": "ssl", "dtls": "dtls ssl", "nbss": "smb", "smb2": "smb", "cipio": "cip", "enip": "enip cip pccc", "iec60870_104": "iec104", "isakmp": "ike",
    "udpencap": "ike ipsec_nat_t", "esp": "ipsec_nat_t", "rpc": "sunrpc nfs portmap vxi11", "synphasor": "synchrophasor", "omron": "fins",
    "ams": "ads", "pop": "pop3", "pgsql": "postgresql", "vnc": "rfb", "wg": "wireguard", "cldap": "ldap", "srvloc": "slp", "resp": "redis",
    "kip": "knxnet_ip", "cnip": "lontalk_ip", "tacplus": "tacacs", "s7comm-plus": "s7comm_plus", "s7comm_plus": "s7comm_plus", "ecatf": "ethercat",
    "caneth": "can_eth", "esio": "ethersio", "db-lsp-disc": "dropbox_lansync", "nbdgm": "nbdgm", "hipercontracer": NONE, "ftp-data": "ftp-data",
    "ws": "http", "websocket": "http", "http2": "http2 http", "dhcpv6": "dhcpv6", "iax2": NONE,
}


def means(names):
    ours = set()
    for name in names:
        ours.update(MEANS.get(name, name).split())
    return ours - {NONE}


def endpoints(protocol, a, b):
    return (protocol,) + tuple(sorted((a, b)))


def theirs(path):
    """Names that tshark has, by flow."""
    fields = ["ip.src", "ip.dst", "ipv6.src", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "frame.protocols"]
    command = ["tshark", "-n", "-r", path, "-Y", "(tcp or udp) and not icmp and not icmpv6", "-T", "fields"] + [w for f in fields for w in ("-e", f)]
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=600, check=False).stdout.decode("utf-8", "replace")
    flows = collections.defaultdict(set)
    for line in shown.split("\n"):
        cells = line.split("\t")
        if len(cells) < len(fields) or "," in "".join(cells[:8]):  # a tunnel has two of each
            continue
        src, dst = cells[0] or cells[2], cells[1] or cells[3]
        protocol = "tcp" if cells[4] else "udp"
        names = cells[8].split(":")
        if protocol in names:
            flow = endpoints(protocol, (src, cells[4] or cells[6]), (dst, cells[5] or cells[7]))
            flows[flow].update(name for name in names[names.index(protocol) + 1:] if name not in CARRIERS)
    return flows


def ours(binary, path):
    """Names that conn.log has, by flow."""
    flows = collections.defaultdict(set)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([binary, "-q", "--json", "--keep-duplicates", "--log", "conn", "-l", folder, "-r", path], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, timeout=600, check=False)
        log = os.path.join(folder, "conn.log")
        if not os.path.exists(log):
            return flows
        with open(log, encoding="utf-8", errors="replace") as rows:
            for row in map(json.loads, rows):
                if row["proto"] in ("tcp", "udp"):
                    flow = endpoints(row["proto"], (row["id.orig_h"], str(row["id.orig_p"])), (row["id.resp_h"], str(row["id.resp_p"])))
                    flows[flow].update(row.get("service", "").split(","))
    return {flow: names - {""} for flow, names in flows.items()}


def compare(binary, path):
    """Pairs of what both say, for each flow that both have; "" where they agree."""
    a, b = theirs(path), ours(binary, path)
    for flow in sorted(a.keys() & b.keys()):
        agree = means(a[flow]) & b[flow] or (not a[flow] and not b[flow])
        yield flow, None if agree else (",".join(sorted(a[flow])) or NONE, ",".join(sorted(b[flow])) or NONE)


def captures(shared, words):
    base = os.path.join(shared, "oracle")
    for folder, _, files in sorted(os.walk(base)):
        for name in sorted(files):
            inside = os.path.relpath(os.path.join(folder, name), base)[:-len(".tsv")]
            if not name.endswith(".tsv") or folder == base or (words and not any(word in inside for word in words)):
                continue
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as table:
                if re.search(r"^conv\.(tcp|udp)\t", table.read(), re.M):
                    yield inside, os.path.join(shared, "pcaps", inside)


def read_known():
    known = {}
    with open(KNOWN, encoding="utf-8") as table:
        for line in table:
            if line.strip() and not line.startswith("#"):
                here, there, flows, files, whose, why = line.rstrip("\n").split("\t")
                known[here, there] = int(flows), int(files), whose, why
    return known


def judge(found):
    """Lines about what is not as the table says."""
    known = read_known()
    for pair in sorted(found.keys() | known.keys()):
        now = (sum(found[pair].values()), len(found[pair])) if pair in found else (0, 0)
        listed = known.get(pair, (0, 0, "", ""))
        if now != listed[:2]:
            yield "tshark %s, here %s: %d flows of %d captures, %d of %d are listed" % (pair + now + listed[:2])
        elif listed[2] not in ("tshark", "capture", "here"):
            yield "tshark %s, here %s: nobody has said whose it is" % pair


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.environ.get("OTOSCOPE", os.path.join(ROOT, "build", "otoscope")))
    parser.add_argument("--shared", default=os.path.join(os.path.dirname(ROOT), "shared"))
    parser.add_argument("--check", action="store_true", help="fail when the differences are not exactly those of the table")
    parser.add_argument("--list", action="store_true", help="print the differences as rows of the table")
    parser.add_argument("--show", metavar="WORD", help="print the flows of pairs in which the word stands")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("capture", nargs="*")
    args = parser.parse_args()
    if not shutil.which("tshark") or not os.path.isdir(os.path.join(args.shared, "oracle")):
        print("1..0 # SKIP no captures in %s, or no tshark" % os.path.normpath(args.shared))
        return 0
    todo, found, flows = list(captures(args.shared, args.capture)), collections.defaultdict(collections.Counter), 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (inside, _), pairs in zip(todo, pool.map(lambda c: list(compare(args.binary, c[1])), todo)):
            for flow, pair in pairs:
                flows += 1
                if pair:
                    found[pair][inside] += 1
                if pair and args.show and args.show in ",".join(pair).split(","):
                    print("%s\t%s\ttshark %s\there %s" % ((inside, flow) + pair))
    known = read_known()
    if args.list:
        for pair, count in sorted(found.items()):
            print(*pair, sum(count.values()), len(count), *known.get(pair, (0, 0, "?", max(count, key=count.get)))[2:], sep="\t")
    different = sum(sum(count.values()) for count in found.values())
    claimed = sum(sum(count.values()) for pair, count in found.items() if NONE not in pair)
    mine = sum(sum(count.values()) for pair, count in found.items() if known.get(pair, (0, 0, "here", ""))[2] == "here")
    print("# %d flows of %d captures: %.4f agree; %d differ, %d of them in what both name, %d of them ours to mend" % (
        flows, len(todo), 1 - different / max(flows, 1), different, claimed, mine))
    if not args.check:
        return 0
    wrong = [] if args.capture else list(judge(found))
    for line in wrong:
        print("#   " + line)
    print("%sok 1 - the service of %d flows is as tshark sees it, or as known\n1..1" % ("not " if wrong else "", flows))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
