#!/usr/bin/env python3
"""Compare our logs under --profile zeek with those that Zeek with ICSNPP wrote for the same captures, column by column.

    zeek_logs.py [--binary OTOSCOPE] [--shared DIR] [--log LOG,..] [--check] [--show] [--list] [--summary] [--jobs N] [CAPTURE...]

A log is compared when known-differences-LOG.tsv stands beside this file (an empty one will do); conn.log has a comparison of its own. Rows are
matched by time, endpoints and what LOGS below adds to that key; of several rows with a key those that agree most are matched. All other
columns are compared, apart from identifiers that each program makes up. Columns that Zeek's file lacks are ours and not looked at.

Prints how many of Zeek's rows agree in each column: as they are, and apart from those where the table says that Zeek is wrong or looks away.
--summary prints a line a log: its rows, and twice, as they are and apart from what is Zeek's, the share that is matched and the column that
agrees least. --show prints the rows that differ, Zeek's
value before ours; --list the differences as rows for the table of known ones: capture, column, count, whose, reason. --check fails when a
capture differs more or less than the table says, or when less than 0.99 agrees apart from what is Zeek's. CAPTURE limits the run to captures
whose name contains the word.

In the table, whose is `zeek` (its fault or limit), `capture` (its clock or its addresses mean two things) or `here` (ours).
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
BEGINNING = 1.0  # Zeek's clock begins with its first second: a packet of 1970-01-01 00:00:00 is written so
ENOUGH = 0.99
WHOSE = ("zeek", "capture", "here")
OF_OTHERS = {"conn", "identities", "service", "tshark"}  # tables that belong to the comparisons beside this one
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
    "bacnet": {"also": ["is_orig", "invoke_id"]},
    "bacnet_discovery": {"also": ["is_orig", "pdu_service"]},
    "bacnet_property": {"also": ["is_orig", "invoke_id"]},
    "bacnet_device_control": {"also": ["is_orig", "invoke_id"], "leave": {"password": "a credential: masked here"}},
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


def clock(row):
    return max(float(row["ts"]), BEGINNING)


class Shelf:
    """Our rows by what they are known by. Times are near when they are CLOSE, so that a row lies in one of three drawers."""

    def __init__(self, rows, key):
        self.names = [name for name in key if name != "ts"]
        self.drawers = collections.defaultdict(list)
        for row in rows:
            self.drawers[self.place(row)].append(row)

    def place(self, row, beside=0):
        return (int(clock(row) * 1000) + beside,) + tuple(row.get(name, "-") for name in self.names)

    def take(self, row, columns):
        """The row that agrees most with this one of Zeek's, or None."""
        near = [(drawer, other) for drawer in (self.drawers.get(self.place(row, n), []) for n in (0, -1, 1)) for other in drawer[:200]
                if abs(clock(other) - clock(row)) <= CLOSE]
        best = None
        for drawer, other in near:
            agrees = agreement(row, other, columns)
            if best is None or agrees > best[0]:
                best = agrees, drawer, other
            if agrees == len(columns):
                break
        if best is None:
            return None
        best[1].remove(best[2])
        return best[2]


def match(zeek, here, key, columns):
    """Pairs of rows, and what is left on either side."""
    shelf = Shelf(here, key)
    pairs, lonely = [], []
    for row in zeek:
        other = shelf.take(row, columns)
        if other is None:
            lonely.append(row)
        else:
            pairs.append((row, other))
    return pairs, lonely, [row for rows in shelf.drawers.values() for row in rows]


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
    return sorted(set(names) - OF_OTHERS)


def known_differences(log):
    """(capture, column): how many rows, and whose it is."""
    known = {}
    if log in OF_OTHERS or not os.path.exists(table_of(log)):
        return known
    with open(table_of(log), encoding="utf-8") as table:
        for line in table:
            if line.strip() and not line.startswith("#"):
                capture, column, count, whose, _reason = line.rstrip("\n").split("\t")
                if whose not in WHOSE:
                    sys.exit("%s: %s: whose is %s" % (table_of(log), capture, ", ".join(WHOSE)))
                known[(capture, column)] = int(count), whose
    return known


class Shares:
    """What part of Zeek's rows is matched and agrees in each column; `apart` is without the rows where the table says that Zeek is wrong."""

    def __init__(self, log, results):
        counts = {inside: result.differences() for inside, result in results.items()}
        excused = collections.Counter()
        for (inside, column), (n, whose) in known_differences(log).items():
            if whose == "zeek":
                excused[column] += min(n, counts.get(inside, {}).get(column, 0))
        self.log, self.captures = log, len(results)
        self.rows = sum(len(result.pairs) + len(result.only_zeek) for result in results.values())
        self.columns = next((result.columns for result in results.values() if result.pairs), [])
        self.worst = {column: sorted(((count[column], inside) for inside, count in counts.items() if count[column]), reverse=True)[:3]
                      for column in self.columns + ROWS}
        self.wrong = collections.Counter()
        for count in counts.values():
            self.wrong.update(count)
        self.matched = self.share(self.wrong["only_zeek"], 0)
        self.matched_apart = self.share(self.wrong["only_zeek"], excused["only_zeek"])
        lonely, lonely_excused = self.wrong["only_zeek"], excused["only_zeek"]
        self.agrees = {c: self.share(self.wrong[c] + lonely, 0) for c in self.columns}
        self.agrees_apart = {c: self.share(self.wrong[c] + lonely, excused[c] + lonely_excused) for c in self.columns}

    def share(self, wrong, excused):
        return 1 - (wrong - excused) / max(self.rows - excused, 1)

    def least(self, agrees):
        column = min(agrees, key=lambda c: agrees[c], default=None)
        return (agrees[column], column if agrees[column] < 1 else "-") if column else (1.0, "-")

    def enough(self):
        return self.matched_apart >= ENOUGH and self.least(self.agrees_apart)[0] >= ENOUGH

    def line(self):
        as_is, apart = self.least(self.agrees), self.least(self.agrees_apart)
        return "%-24s %8d %7d   %8.4f %8.4f %-22s   %8.4f %8.4f %s" % (self.log, self.captures, self.rows, self.matched, as_is[0], as_is[1],
                                                                self.matched_apart, apart[0], apart[1])


HEAD = ("%-24s %8s %7s   %-40s   %s\n" % ("", "", "", "rows as they are", "apart from Zeek's own faults and limits")
        + "%-24s %8s %7s   %8s %8s %-22s   %8s %8s %s" % ("log", "captures", "rows", "matched", "least", "in column", "matched", "least", "in column"))


def report(log, results):
    shares = Shares(log, results)
    print("%s: %d captures, %d rows of Zeek's, %.5f of them matched (%.5f apart from what is Zeek's)" % (
        log, shares.captures, shares.rows, shares.matched, shares.matched_apart))
    for column in shares.columns:
        print("  %-28s %8.5f %8.5f   %s" % (column, shares.agrees[column], shares.agrees_apart[column],
                                            "  ".join("%d %s" % pair for pair in shares.worst[column])))
    for column in ROWS:
        print("  %-28s %8d            %s" % (column, shares.wrong[column], "  ".join("%d %s" % pair for pair in shares.worst[column])))


def check(log, counts, words):
    known, wrong = known_differences(log), 0
    found = {(inside, column): n for inside, count in counts.items() for column, n in count.items()}
    for key in sorted(set(found) | set(k for k in known if not words or k[0] in counts)):
        if found.get(key, 0) != known.get(key, (0,))[0]:
            print("# %s\t%s: %d rows differ, %d are known" % (key[0], key[1], found.get(key, 0), known.get(key, (0,))[0]))
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
    parser.add_argument("--summary", action="store_true", help="print a line a log")
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
                    print("%s\t%s\t%d\t\t" % (inside, column, n))
        if args.check:
            shares = Shares(log, results)
            wrong = check(log, {inside: result.differences() for inside, result in results.items()}, args.capture)
            wrong += not args.capture and not shares.enough()
            failed += wrong
            print("%sok %d - %s.log differs from Zeek's as known and no more: of %d rows %.4f matched, %.4f agree in the worst column"
                  % ("not " if wrong else "", number, log, shares.rows, shares.matched_apart, shares.least(shares.agrees_apart)[0]))
        elif args.summary:
            print((HEAD + "\n" if number == 1 else "") + Shares(log, results).line())
        elif not args.list:
            report(log, results)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
