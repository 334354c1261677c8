#!/usr/bin/env python3
"""Is ICSNPP's s7comm_plus.log, row by row, what its rule gives? Then it is known why each row of it is another one than ours.

    icsnpp_s7comm_plus.py [--shared DIR]

The rule: a segment of TCP is one TPKT, and what is behind that is not read; the byte behind S7comm-plus's length is the length of a digest, in every
version (only version 3 has one there); the next is the opcode, in every fragment. A segment in which that ends too early is a failure,
and Zeek takes the analyzer from a connection after a handful. The rule reads the bytes of each segment here, without any dissector.
"""
import argparse
import collections
import os
import shutil
import subprocess
import sys

from tshark_s7comm_plus import REQUEST, RESPONSE, Bytes, Short
from zeek_conn import read_log

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

VIOLATIONS = 5  # Zeek takes an analyzer that fails more often from its connection


def icsnpp_row(segment):
    """What ICSNPP makes of a segment: version, opcode, function; nothing when it is not S7comm-plus; Short when it fails."""
    b = Bytes(segment)
    b.take(2)
    length, header = b.number(2), b.number(1)
    b.take(max(header, 1))
    if length - header == 5 or b.number(1) != 0x72:
        return None
    version = b.number(1)
    b.take(2)
    b.take(b.number(1))
    opcode, function = b.number(1), b.number(4) & 0xffff
    return version, opcode, function if opcode in (REQUEST, RESPONSE) else None


def segments(path):
    command = ["tshark", "-n", "-r", path, "-Y", "tcp.len > 0 and cotp or (tcp.port == 102 and tcp.len > 0)", "-T", "fields"]
    for name in ("ip.src", "ip.dst", "tcp.stream", "tcp.seq", "tcp.payload"):
        command += ["-e", name]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    seen = collections.defaultdict(lambda: collections.deque(maxlen=200))
    for line in run.stdout.splitlines():
        src, dst, stream, first, payload = line.split("\t")
        payload = bytes.fromhex(payload.replace(":", ""))
        begin, end = int(first), int(first) + len(payload)
        if not any(a <= begin and end <= b for a, b in seen[stream, src]):  # sent again, or a keep-alive of TCP
            seen[stream, src].append((begin, end))
            yield src, dst, stream, payload


def icsnpp_rows(path):
    """What ICSNPP should log."""
    failed, rows = collections.Counter(), collections.Counter()
    for src, dst, stream, payload in segments(path):
        if failed[stream] > VIOLATIONS:
            continue
        try:
            row = icsnpp_row(payload)
        except Short:
            failed[stream] += 1
            continue
        if row:
            rows[(src, dst) + row] += 1
    return rows


def icsnpp_logged(log):
    rows = collections.Counter()
    for row in read_log(log):
        function = row["function_code"]
        rows[row["source_h"], row["destination_h"], int(row["version"]), int(row["opcode"], 0), None if function == "-" else int(function, 0)] += 1
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--shared", default=os.path.join(os.path.dirname(ROOT), "shared"))
    shared = parser.parse_args().shared
    base = os.path.join(shared, "zeek")
    logs = sorted(folder for folder, _, files in os.walk(base) if "s7comm_plus.log" in files)
    if not logs or not shutil.which("tshark"):
        print("1..0 # SKIP no logs of ICSNPP in %s, or no tshark" % os.path.normpath(base))
        return 0
    rows, wrong = 0, 0
    for folder in logs:
        inside = os.path.relpath(folder, base)
        logged, ruled = icsnpp_logged(os.path.join(folder, "s7comm_plus.log")), icsnpp_rows(os.path.join(shared, "pcaps", inside))
        rows += sum(logged.values())
        for key in sorted(logged.keys() | ruled.keys(), key=str):
            if logged[key] != ruled[key]:
                wrong += 1
                print("# %s %s: %d rows, %d by the rule" % (inside, key, logged[key], ruled[key]))
    print("%sok 1 - %d rows of ICSNPP's s7comm_plus.log in %d captures are what its rule gives\n1..1" % ("not " if wrong else "", rows, len(logs)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
