#!/usr/bin/env python3
"""Compare p0f.log with what p0f itself says of the same captures: sender, raw signature and system of each handshake packet.

    p0f.py [--binary OTOSCOPE] [--shared DIR] [--show] [--check] [--jobs N] [CAPTURE...]

Needs Debian's p0f, whose base of signatures both read. p0f passes over what it does not follow (repeated SYNs, connections beyond its table),
so sets of (kind, sender, signature, system) are compared, not counts. --check fails when p0f has a row that is not ours; rows of ours alone are
handshakes whose SYN p0f did not see.
"""
import argparse
import concurrent.futures
import ipaddress
import os
import shutil
import subprocess
import sys
import tempfile

from zeek_conn import read_log

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = {"Windows 7 or newer": "Windows 7 or 8"}


def ours(binary, capture):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([binary, "-q", "-r", capture, "-l", folder, "--analyzers", "p0f", "--log", "p0f"], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False, timeout=600)
        rows = read_log(os.path.join(folder, "p0f.log"))
    return {(row["mod"], row["src_ip"], row["raw_sig"], NAMES.get(row["os"], row["os"])) for row in rows}


def theirs(capture):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        done = subprocess.run(["p0f", "-f", "/etc/p0f/p0f.fp", "-r", capture, "-o", log], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              check=False, timeout=600)
        if not os.path.exists(log) or b"PROGRAM ABORT" in done.stdout:
            return None
        found = set()
        with open(log, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                cells = dict(cell.split("=", 1) for cell in line.rstrip("\n").split("] ", 1)[-1].split("|") if "=" in cell)
                if cells.get("mod") in ("syn", "syn+ack"):
                    sender = str(ipaddress.ip_address(cells[cells["subj"]].rsplit("/", 1)[0]))
                    system = cells.get("os", cells.get("app"))
                    found.add((cells["mod"], sender, cells["raw_sig"], "-" if system == "???" else system))
    return found


def captures(shared, words):
    for folder, _, files in sorted(os.walk(os.path.join(shared, "pcaps"))):
        for name in sorted(files):
            inside = os.path.relpath(os.path.join(folder, name), os.path.join(shared, "pcaps"))
            if name != "CATALOG.tsv" and (not words or any(word in inside for word in words)):
                yield inside, os.path.join(folder, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.environ.get("OTOSCOPE", "otoscope"))
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "..", "shared"))
    parser.add_argument("--check", action="store_true", help="fail when p0f has a row that is not ours")
    parser.add_argument("--show", action="store_true", help="print the rows that only one of the two has")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("capture", nargs="*")
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.shared, "pcaps")):
        print("1..0 # SKIP there are no real captures: %s is not a folder" % os.path.normpath(args.shared))
        return 0
    if not shutil.which("p0f"):
        print("1..0 # SKIP p0f is not installed")
        return 0
    todo, found, both, unread = list(captures(args.shared, args.capture)), set(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (inside, _), here, there in zip(todo, pool.map(lambda c: ours(args.binary, c[1]), todo), pool.map(lambda c: theirs(c[1]), todo)):
            if there is None:
                unread += 1
                continue
            both += len(here & there)
            found |= {(inside, "ours", "|".join(row)) for row in here - there} | {(inside, "theirs", "|".join(row)) for row in there - here}
    if args.show:
        for row in sorted(found):
            print("\t".join(row))
    missing = sorted(row for row in found if row[1] == "theirs")
    if args.check:
        for row in missing:
            print("# not ours: " + "\t".join(row))
        print("1..1\n%sok 1 - every row of p0f's is ours" % ("not " if missing else ""))
    print("# %d rows equal, %d differ, %d captures that p0f does not read" % (both, len(found), unread))
    return 1 if args.check and missing else 0


if __name__ == "__main__":
    sys.exit(main())
