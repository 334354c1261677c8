#!/usr/bin/env python3
"""Compare dns.log with Zeek's on the same captures, column by column.

    zeek_dns.py [--binary OTOSCOPE] [--shared DIR] [--check] [--show] [--list] [--jobs N] [CAPTURE...]

Every capture of DIR/pcaps that has been given to Zeek (DIR/zeek) is replayed under --profile zeek, duplicates kept. Rows are matched by time,
endpoints and transaction identifier; of several the one that agrees most. Prints how many rows agree in each column. What remains and is
understood stands in known-differences-dns.tsv beside this file: --check fails when a capture differs more or less than the table says.
CAPTURE limits the run to captures whose name contains the word.
"""
import argparse
import collections
import concurrent.futures
import os
import subprocess
import sys
import tempfile

from zeek_conn import read_log

HERE = os.path.dirname(os.path.abspath(__file__))
KNOWN = os.path.join(HERE, "known-differences-dns.tsv")
COLUMNS = ["proto", "rtt", "query", "qclass", "qclass_name", "qtype", "qtype_name", "rcode", "rcode_name", "AA", "TC", "RD", "RA", "Z",
           "answers", "TTLs", "rejected"]
ROWS = ["only_zeek", "only_here"]
KEY = ["ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "trans_id"]


def key_of(row):
    return tuple(row[name] for name in KEY)


def match(zeek, here):
    """Pairs of rows, and what is left on either side."""
    by_key = collections.defaultdict(list)
    for row in here:
        by_key[key_of(row)].append(row)
    pairs, lonely = [], []
    for row in zeek:
        candidates = by_key[key_of(row)]
        if not candidates:
            lonely.append(row)
            continue
        best = max(candidates, key=lambda other: sum(other[c] == row[c] for c in COLUMNS))
        candidates.remove(best)
        pairs.append((row, best))
    return pairs, lonely, [row for rows in by_key.values() for row in rows]


def compare(binary, capture, log):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([binary, "-q", "-r", capture, "-l", folder, "--profile", "zeek", "--log", "dns", "--keep-duplicates"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=600)
        here = read_log(os.path.join(folder, "dns.log"))
    if done.returncode != 0 and not here:
        return None, "exit %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip())
    return match(read_log(log), here), None


def captures(shared, words):
    for folder, _, files in sorted(os.walk(os.path.join(shared, "pcaps"))):
        for name in sorted(files):
            inside = os.path.relpath(os.path.join(folder, name), os.path.join(shared, "pcaps"))
            logs = os.path.join(shared, "zeek", inside)
            if os.path.isdir(logs) and (not words or any(word in inside for word in words)):
                yield inside, os.path.join(folder, name), os.path.join(logs, "dns.log")


def differences(result):
    """Counter of columns that differ, of one capture."""
    pairs, only_zeek, only_here = result
    counts = collections.Counter({"only_zeek": len(only_zeek), "only_here": len(only_here)})
    for zeek, here in pairs:
        counts.update(column for column in COLUMNS if zeek[column] != here[column])
    return +counts


def show(inside, result):
    pairs, only_zeek, only_here = result
    for word, rows in (("only_zeek", only_zeek), ("only_here", only_here)):
        for row in rows:
            print("%s\t%s\t%s" % (inside, word, " ".join(row[name] for name in KEY + COLUMNS)))
    for zeek, here in pairs:
        odd = [c for c in COLUMNS if zeek[c] != here[c]]
        if odd:
            print("%s\t%s\t%s" % (inside, " ".join(key_of(zeek)), " ".join("%s: %s | %s" % (c, zeek[c], here[c]) for c in odd)))


def report(results):
    counts = {inside: differences(result) for inside, result in results.items()}
    rows = sum(len(pairs) + len(only_zeek) for pairs, only_zeek, _ in results.values())
    print("%d captures, %d rows of Zeek's, %d matched" % (len(results), rows, sum(len(result[0]) for result in results.values())))
    for column in COLUMNS + ROWS:
        wrong = sum(count[column] for count in counts.values())
        lonely = 0 if column in ROWS else sum(count["only_zeek"] for count in counts.values())
        worst = sorted(((count[column], inside) for inside, count in counts.items() if count[column]), reverse=True)[:3]
        print("%-12s %8.5f   %s" % (column, 1 - (wrong + lonely) / max(rows, 1), "  ".join("%d %s" % pair for pair in worst)))
    return counts


def known_differences():
    known = {}
    with open(KNOWN, encoding="utf-8") as table:
        for line in table:
            if line.strip() and not line.startswith("#"):
                capture, column, count, _reason = line.rstrip("\n").split("\t")
                known[(capture, column)] = int(count)
    return known


def check(counts):
    known, wrong = known_differences(), 0
    found = {(inside, column): n for inside, count in counts.items() for column, n in count.items()}
    for key in sorted(set(found) | set(k for k in known if k[0] in counts)):
        if found.get(key, 0) != known.get(key, 0):
            print("%s\t%s: %d rows differ, %d are known" % (key[0], key[1], found.get(key, 0), known.get(key, 0)))
            wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.environ.get("OTOSCOPE", "otoscope"))
    parser.add_argument("--shared", default=os.path.join(HERE, "..", "..", "..", "shared"))
    parser.add_argument("--check", action="store_true", help="fail when the differences are not exactly the known ones")
    parser.add_argument("--show", action="store_true", help="print the rows that differ, Zeek's value before ours")
    parser.add_argument("--list", action="store_true", help="print every difference as rows for the table of known ones")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("capture", nargs="*")
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.shared, "zeek")):
        print("SKIP: no captures in %s" % os.path.normpath(args.shared))
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
                show(inside, result)
    counts = report(results)
    if args.list:
        for inside, count in sorted(counts.items()):
            for column, n in sorted(count.items()):
                print("%s\t%s\t%d\t" % (inside, column, n))
    if args.check:
        failed += check(counts)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
