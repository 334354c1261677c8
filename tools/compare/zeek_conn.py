#!/usr/bin/env python3
"""Compare conn.log with Zeek's on the same captures, column by column.

    zeek_conn.py [--binary OTOSCOPE] [--shared DIR] [--check] [--show COLUMN] [--jobs N] [CAPTURE...]

Every capture of DIR/pcaps that has a conn.log of Zeek's in DIR/zeek is replayed under --profile zeek. Rows are matched by protocol, endpoints
(also exchanged, when Zeek took the other side for the originator) and start time. Prints how many rows agree in each column and where the worst
captures are. What remains and is understood stands in known-differences-conn.tsv beside this file: --check fails when a capture differs more or
less than the table says. CAPTURE limits the run to captures whose name contains the word.
"""
import argparse
import collections
import concurrent.futures
import gzip
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = os.path.join(HERE, "known-differences-conn.tsv")
COLUMNS = ["orig", "resp", "proto", "service", "duration", "orig_bytes", "resp_bytes", "conn_state", "missed_bytes", "history", "orig_pkts",
           "orig_ip_bytes", "resp_pkts", "resp_ip_bytes", "tunnel_parents"]
ROWS = ["only_zeek", "only_here"]
RIDES_ON = {"mms": "cotp"}  # no analyzer of Zeek's reads the first: it names the second
CLOSE = 0.000002  # seconds: both print microseconds, from floating point or not


def read_log(path):
    """Rows of a Zeek TSV log as dictionaries, or an empty list."""
    if not os.path.exists(path):
        if not os.path.exists(path + ".gz"):
            return []
        path += ".gz"
    opener = gzip.open if path.endswith(".gz") else open
    rows, fields = [], []
    with opener(path, "rt", encoding="utf-8", errors="surrogateescape") as log:
        for line in log:
            cells = line.rstrip("\n").split("\t")
            if cells[0] == "#fields":
                fields = cells[1:]
            elif not line.startswith("#"):
                rows.append(dict(zip(fields, cells)))
    return rows


def row_of(raw):
    row = {name: raw.get(name, "-") for name in COLUMNS}
    row["ts"] = float(raw["ts"])
    row["orig"] = raw["id.orig_h"] + " " + raw["id.orig_p"]
    row["resp"] = raw["id.resp_h"] + " " + raw["id.resp_p"]
    parents = row["tunnel_parents"]
    row["tunnel_parents"] = str(0 if parents in ("-", "(empty)") else len(parents.split(",")))
    return row


def key_of(row):
    return (row["proto"],) + tuple(sorted((row["orig"], row["resp"])))


def match(zeek, here):
    """Pairs of rows, and what is left on either side."""
    by_key = collections.defaultdict(list)
    for row in here:
        by_key[key_of(row)].append(row)
    pairs, lonely = [], []
    for row in zeek:
        near = [other for other in by_key[key_of(row)] if abs(other["ts"] - row["ts"]) <= CLOSE]
        if near:
            same = [other for other in near if other["orig"] == row["orig"]]
            chosen = (same or near)[0]
            by_key[key_of(row)].remove(chosen)
            pairs.append((row, chosen))
        else:
            lonely.append(row)
    return pairs, lonely, [row for rows in by_key.values() for row in rows]


def same(column, a, b):
    if a == b:
        return True
    if column == "service":  # more is recognised here; and of protocols inside each other Zeek names all, in no order
        return a == "-" or (b != "-" and {RIDES_ON.get(name, name) for name in b.split(",")} <= set(a.split(",")))
    if column == "duration" and "-" not in (a, b):
        return abs(float(a) - float(b)) <= CLOSE
    return False


def replay(binary, capture, folder):
    done = subprocess.run([binary, "-q", "-r", capture, "-l", folder, "--profile", "zeek", "--log", "conn"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, check=False, timeout=600)
    return done.returncode, done.stderr.decode(errors="replace").strip()


def compare(binary, capture, log):
    with tempfile.TemporaryDirectory() as folder:
        code, message = replay(binary, capture, folder)
        here = [row_of(raw) for raw in read_log(os.path.join(folder, "conn.log"))]
    if code != 0 and not here:
        return None, "exit %d: %s" % (code, message)
    return match([row_of(raw) for raw in read_log(log)], here), None


def captures(shared, words):
    for folder, _, files in sorted(os.walk(os.path.join(shared, "pcaps"))):
        for name in sorted(files):
            path = os.path.join(folder, name)
            inside = os.path.relpath(path, os.path.join(shared, "pcaps"))
            log = os.path.join(shared, "zeek", inside, "conn.log")
            if not (os.path.exists(log) or os.path.exists(log + ".gz")):
                continue
            if not words or any(word in inside for word in words):
                yield inside, path, log


def known_differences():
    known = {}
    if os.path.exists(KNOWN):
        with open(KNOWN, encoding="utf-8") as table:
            for line in table:
                if line.strip() and not line.startswith("#"):
                    capture, column, count, _reason = line.rstrip("\n").split("\t")
                    known[(capture, column)] = int(count)
    return known


def differences(result):
    """Counter of columns that differ, of one capture."""
    pairs, only_zeek, only_here = result
    counts = collections.Counter()
    for zeek, here in pairs:
        for column in COLUMNS:
            if not same(column, zeek[column], here[column]):
                counts[column] += 1
    counts["only_zeek"] += len(only_zeek)
    counts["only_here"] += len(only_here)
    return +counts


def show(inside, result, column):
    pairs, only_zeek, only_here = result
    for name, rows in (("only_zeek", only_zeek), ("only_here", only_here)):
        if column in (name, "all"):
            for row in rows:
                print("%s\t%s\t%s" % (inside, name, "\t".join(["%.6f" % row["ts"]] + [row[c] for c in COLUMNS])))
    for zeek, here in pairs:
        if column == "all":
            odd = [c for c in COLUMNS if not same(c, zeek[c], here[c])]
        else:
            odd = [column] if column in COLUMNS and not same(column, zeek[column], here[column]) else []
        if odd:
            print("%s\t%.6f\t%s\t%s > %s\t%s\tzeek %s\there %s" % (
                inside, zeek["ts"], zeek["proto"], zeek["orig"], zeek["resp"],
                " ".join("%s: %s | %s" % (c, zeek[c], here[c]) for c in odd), zeek["history"], here["history"]))


def report(results):
    total = sum(len(result[0]) for result in results.values())
    zeek_rows = total + sum(len(result[1]) for result in results.values())
    here_rows = total + sum(len(result[2]) for result in results.values())
    counts = {inside: differences(result) for inside, result in results.items()}
    print("%d captures, %d rows of Zeek's, %d here, %d matched" % (len(results), zeek_rows, here_rows, total))
    print("%-16s %9s %9s   %s" % ("column", "of rows", "captures", "worst captures"))
    for column in COLUMNS + ROWS:
        wrong = sum(count[column] for count in counts.values())
        worst = sorted(((count[column], inside) for inside, count in counts.items() if count[column]), reverse=True)[:3]
        equal = 1 - wrong / zeek_rows if zeek_rows else 1
        clean = 1 - sum(1 for count in counts.values() if count[column]) / len(counts) if counts else 1
        print("%-16s %9.5f %9.5f   %s" % (column, equal, clean, "  ".join("%d %s" % pair for pair in worst)))
    return counts


def check(counts):
    known, wrong = known_differences(), 0
    found = {(inside, column): n for inside, count in counts.items() for column, n in count.items()}
    for key in sorted(set(found) | set(k for k in known if k[0] in counts)):
        if found.get(key, 0) != known.get(key, 0):
            print("%s\t%s: %d rows differ, %d are known" % (key[0], key[1], found.get(key, 0), known.get(key, 0)))
            wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=os.environ.get("OTOSCOPE", "otoscope"))
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "..", "shared"))
    parser.add_argument("--check", action="store_true", help="fail when the differences are not exactly the known ones")
    parser.add_argument("--show", metavar="COLUMN", help="print the rows that differ in this column (or only_zeek, only_here, all)")
    parser.add_argument("--list", action="store_true", help="print every difference as rows for the table of known ones")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("capture", nargs="*")
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.shared, "zeek")):
        print("1..0 # SKIP there are no real captures: %s is not a folder" % os.path.normpath(args.shared))
        return 0
    todo, results, failed = list(captures(args.shared, args.capture)), {}, 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (inside, _, _), (result, error) in zip(todo, pool.map(lambda c: compare(args.binary, c[1], c[2]), todo)):
            if error:
                print("%s: %s" % (inside, error), file=sys.stderr)
                failed += 1
                continue
            results[inside] = result
            if args.show:
                show(inside, result, args.show)
    counts = report(results)
    if args.list:
        for inside, count in sorted(counts.items()):
            for column, n in sorted(count.items()):
                print("%s\t%s\t%d\t" % (inside, column, n))
    if args.check:
        failed += check(counts)
        print("1..1\n%sok 1 - conn.log differs from Zeek's as known and no more" % ("not " if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
