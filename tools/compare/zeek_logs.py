#!/usr/bin/env python3
"""Compare our logs under --profile zeek with those that Zeek with ICSNPP wrote for the same captures, column by column.

    zeek_logs.py [--binary OTOSCOPE] [--shared DIR] [--log LOG,..] [--check] [--show] [--list] [--jobs N] [CAPTURE...]

A log is compared when known-differences-LOG.tsv stands beside this file (an empty one will do); conn.log has a comparison of its own. Rows are
matched by time, endpoints and what LOGS below adds to that key; of several rows with a key those that agree most are matched. All other
columns are compared, apart from identifiers that each program makes up. Columns that Zeek's file lacks are ours and not looked at.

Prints how many of Zeek's rows agree in each column. --show prints the rows that differ, Zeek's value before ours; --list the differences as
rows for the table of known ones: capture, column, count, reason. --check fails when a capture differs more or less than the table says.
CAPTURE limits the run to captures whose name contains the word.
"""
import argparse
import collections
import concurrent.futures
import glob
import os
import re
import subprocess
import sys
import tempfile

from zeek_conn import read_log

HERE = os.path.dirname(os.path.abspath(__file__))
IDS = ["id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p"]
MADE_UP = {"uid", "uids", "fuid", "fuids", "orig_fuids", "resp_fuids", "cert_chain_fuids", "client_cert_chain_fuids", "modbus_detailed_link_id",
           "packet_correlation_id", "icsnpp_hostname", "tunnel_parents", "parent_fuid"}
TIME = re.compile(r"-?\d+\.\d+(e[-+]?\d+)?$")
CLOSE = 0.000002  # seconds: both print microseconds, from floating point or not
ROWS = ["only_zeek", "only_here"]
ANY = "(any)"

# What a log's rows are known by, beyond ts and endpoints; `plain` names a whole key; `leave` what is not compared, with the reason; `wordless`
# the columns where ICSNPP says "unknown" and any word of ours is as good.
LOGS = {
    "dns": {"also": ["trans_id"]},
    "http": {"also": ["trans_depth"]},
    "dhcp": {"plain": ["ts", "mac"]},
    "enip": {"also": ["is_orig", "enip_command_code", "sender_context"]},
    "cip": {"also": ["is_orig", "cip_sequence_count", "cip_service_code"], "wordless": ["cip_service", "class_name"]},
    "cip_io": {"also": ["is_orig", "connection_id", "sequence_number"]},
    "cip_identity": {"also": ["is_orig"]},
    "kerberos": {"leave": {"client_cert_fuid": "made up", "server_cert_fuid": "made up"}},
    "ftp": {"leave": {"password": "a credential: Zeek shows those of guests"}},
    "snmp": {"leave": {"community": "a credential: masked here"}},
}


def key_columns(log, header):
    spec = LOGS.get(log, {})
    if "plain" in spec:
        return spec["plain"]
    return [name for name in ["ts"] + IDS + spec.get("also", []) if name in header]


def compared(log, header):
    leave = MADE_UP | set(key_columns(log, header)) | set(LOGS.get(log, {}).get("leave", {}))
    return [name for name in header if name not in leave]


def same(a, b):
    if a in (b, ANY):
        return True
    if TIME.match(a) and TIME.match(b):
        return abs(float(a) - float(b)) <= CLOSE
    return "," in a and sorted(a.split(",")) == sorted(b.split(","))


def agreement(zeek, here, columns):
    return sum(same(zeek[name], here.get(name, "-")) for name in columns)


def blur(log, rows):
    for row in rows:
        row.update((name, ANY) for name in LOGS.get(log, {}).get("wordless", []) if row.get(name) == "unknown")


def match(zeek, here, key, columns):
    """Pairs of rows, and what is left on either side."""
    by_key = collections.defaultdict(list)
    for row in here:
        by_key[tuple(row.get(name, "-") for name in key)].append(row)
    pairs, lonely = [], []
    for row in zeek:
        candidates = by_key[tuple(row[name] for name in key)]
        if not candidates:
            lonely.append(row)
            continue
        full, best = len(columns), 0
        score = -1
        for i, other in enumerate(candidates[:200]):
            agrees = agreement(row, other, columns)
            if agrees > score:
                best, score = i, agrees
            if agrees == full:
                break
        pairs.append((row, candidates.pop(best)))
    return pairs, lonely, [row for rows in by_key.values() for row in rows]


class Result:
    """What one log of one capture came to: matched pairs, rows of one side only, the columns looked at."""

    def __init__(self, log, zeek, here):
        header = list(zeek[0]) if zeek else list(here[0]) if here else []
        self.key = key_columns(log, header)
        self.columns = compared(log, header)
        blur(log, zeek)
        self.pairs, self.only_zeek, self.only_here = match(zeek, here, self.key, self.columns)

    def differences(self):
        counts = collections.Counter({"only_zeek": len(self.only_zeek), "only_here": len(self.only_here)})
        for zeek, here in self.pairs:
            counts.update(name for name in self.columns if not same(zeek[name], here.get(name, "-")))
        return +counts

    def show(self, inside, log):
        for word, rows in (("only_zeek", self.only_zeek), ("only_here", self.only_here)):
            for row in rows:
                print("%s\t%s\t%s\t%s" % (inside, log, word, " ".join("%s=%s" % cell for cell in row.items() if cell[1] != "-")))
        for zeek, here in self.pairs:
            odd = [name for name in self.columns if not same(zeek[name], here.get(name, "-"))]
            if odd:
                cells = " ".join("%s: %s | %s" % (name, zeek[name], here.get(name, "(no such column)")) for name in odd)
                print("%s\t%s\t%s\t%s" % (inside, log, " ".join(zeek[name] for name in self.key), cells))


def compare(binary, capture, theirs, logs):
    """Results by log of one capture, or a message."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([binary, "-q", "-r", capture, "-l", folder, "--profile", "zeek", "--keep-duplicates"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=600)
        results = {}
        for log in logs:
            zeek, here = read_log(os.path.join(theirs, log + ".log")), read_log(os.path.join(folder, log + ".log"))
            if zeek or here:
                results[log] = Result(log, zeek, here)
    if done.returncode != 0 and not results:
        return None, "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())
    return results, None


def captures(shared, words):
    for folder, _, files in sorted(os.walk(os.path.join(shared, "pcaps"))):
        for name in sorted(files):
            inside = os.path.relpath(os.path.join(folder, name), os.path.join(shared, "pcaps"))
            theirs = os.path.join(shared, "zeek", inside)
            if os.path.isdir(theirs) and (not words or any(word in inside for word in words)):
                yield inside, os.path.join(folder, name), theirs


def table_of(log):
    return os.path.join(HERE, "known-differences-%s.tsv" % log)


def logs_with_a_table():
    names = [os.path.basename(path)[len("known-differences-"):-len(".tsv")] for path in glob.glob(table_of("*"))]
    return sorted(set(names) - {"conn"})


def known_differences(log):
    known = {}
    with open(table_of(log), encoding="utf-8") as table:
        for line in table:
            if line.strip() and not line.startswith("#"):
                capture, column, count, _reason = line.rstrip("\n").split("\t")
                known[(capture, column)] = int(count)
    return known


def report(log, results):
    counts = {inside: result.differences() for inside, result in results.items()}
    rows = sum(len(result.pairs) + len(result.only_zeek) for result in results.values())
    columns = next((result.columns for result in results.values() if result.pairs), [])
    print("%s: %d captures, %d rows of Zeek's, %d matched" % (log, len(results), rows, sum(len(result.pairs) for result in results.values())))
    lonely = sum(count["only_zeek"] for count in counts.values())
    for column in columns + ROWS:
        wrong = sum(count[column] for count in counts.values()) + (0 if column in ROWS else lonely)
        worst = sorted(((count[column], inside) for inside, count in counts.items() if count[column]), reverse=True)[:3]
        print("  %-28s %8.5f   %s" % (column, 1 - wrong / max(rows, 1), "  ".join("%d %s" % pair for pair in worst)))
    return counts


def check(log, counts, words):
    known, wrong = known_differences(log), 0
    found = {(inside, column): n for inside, count in counts.items() for column, n in count.items()}
    for key in sorted(set(found) | set(k for k in known if not words or k[0] in counts)):
        if found.get(key, 0) != known.get(key, 0):
            print("# %s\t%s: %d rows differ, %d are known" % (key[0], key[1], found.get(key, 0), known.get(key, 0)))
            wrong += 1
    return wrong


def run(args, logs):
    """Results by log and capture; the number of captures that could not be replayed."""
    todo, failed = list(captures(args.shared, args.capture)), 0
    by_log = {log: {} for log in logs}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (inside, _, _), (results, error) in zip(todo, pool.map(lambda c: compare(args.binary, c[1], c[2], logs), todo)):
            if error:
                print("%s: %s" % (inside, error), file=sys.stderr)
                failed += 1
                continue
            for log, result in results.items():
                by_log[log][inside] = result
    return by_log, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.environ.get("OTOSCOPE", "otoscope"))
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "..", "shared"))
    parser.add_argument("--log", help="only these, comma separated; need no table")
    parser.add_argument("--check", action="store_true", help="fail when the differences are not exactly the known ones")
    parser.add_argument("--show", action="store_true", help="print the rows that differ, Zeek's value before ours")
    parser.add_argument("--list", action="store_true", help="print every difference as rows for the table of known ones")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("capture", nargs="*")
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.shared, "zeek")):
        print("1..0 # SKIP there are no real captures: %s is not a folder" % os.path.normpath(args.shared))
        return 0
    logs = args.log.split(",") if args.log else logs_with_a_table()
    by_log, failed = run(args, logs)
    if args.check:
        print("1..%d" % len(logs))
    for number, log in enumerate(logs, 1):
        results = by_log[log]
        if args.show:
            for inside, result in results.items():
                result.show(inside, log)
        if args.list:
            for inside, result in sorted(results.items()):
                for column, n in sorted(result.differences().items()):
                    print("%s\t%s\t%d\t" % (inside, column, n))
        if args.check:
            wrong = check(log, {inside: result.differences() for inside, result in results.items()}, args.capture)
            failed += wrong
            print("%sok %d - %s.log differs from Zeek's as known and no more" % ("not " if wrong else "", number, log))
        elif not args.list:
            report(log, results)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
