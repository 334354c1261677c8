"""What the comparisons with tshark share: every value of every field of a protocol, as often from both programs, over all captures that have it.

A protocol is a Dialect: its name, the sections of DIR/oracle that say which captures hold it, captures of ours, the names of its fields, a Lua script that writes
what our events hold with put(e, field, value), and what tshark has. For each sender, receiver and field every value must come as often from
both. (Not frame by frame: what follows lost bytes is read when the loss is certain, a frame or two later.) "pdu" is a message as a whole, so
that what is counted is the function with its outcome.

    PROTOCOL.py [--binary OTOSCOPE] [--shared DIR] [--check] [--show] [--list] [--jobs N] [CAPTURE...]

Prints which share of the values agrees in each field, before anything is explained, and how many counts of messages. --check fails when a field,
or the counts, agree in less than 99.5 %, or when something differs that known-differences-tshark.tsv (protocol, capture, field, values that differ, reason)
does not list with that number. --show prints the values that differ, tshark's count before ours; --list the differences as rows of that table.
CAPTURE limits the run to captures whose name contains the word; a file that exists is compared as it is.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
KNOWN = os.path.join(HERE, "known-differences-tshark.tsv")
SHARE = 0.995
PDU = "pdu"

SCRIPT = r'''
local rows = log.new { name = "values", columns = { { "src", "addr", "from" }, { "dst", "addr", "to" }, { "field", "string", "name" },
	{ "value", "string", "value" } } }
local function put(e, field, value)
	if value == nil then return end
	local src, dst = e.orig_h, e.resp_h
	if not e.is_orig then src, dst = dst, src end
	rows:write { src = src, dst = dst, field = field, value = tostring(value) }
end
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end
'''

# name; sections of the oracle; captures of testdata; fields in the order they are printed; Lua; theirs(path) -> {(src, dst, field): Counter of values}
Dialect = collections.namedtuple("Dialect", "name sections shipped fields script theirs")


def ours(binary, dialect, path):
    values = collections.defaultdict(collections.Counter)
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([binary, "-q", "--keep-duplicates", "--json", "-l", folder, "-e", SCRIPT + dialect.script, "-r", path],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        if run.returncode not in (0, 1):
            raise RuntimeError("%s: exit code %d: %s" % (path, run.returncode, run.stderr[-2000:]))
        try:
            with open(os.path.join(folder, "values.log"), encoding="utf-8", errors="replace") as log:
                for line in log:
                    row = json.loads(line)
                    values[row["src"], row["dst"], row["field"]][row["value"]] += 1
        except FileNotFoundError:
            pass
    return values


# ---------------------------------------------------------------------------------------------- tshark's tree

LINE = re.compile(r'^( *)<(proto|field) name="([^"]*)"(.*)')
SHOW = re.compile(r' show="([^"]*)"')
VALUE = re.compile(r' value="([^"]*)"')
ADDRESSES = {"ip.src": 0, "ipv6.src": 0, "ip.dst": 1, "ipv6.dst": 1}


class Field:
    """A line of tshark's tree. What tshark made up itself (of a request, under its response) has no value."""

    def __init__(self, match):
        self.depth = len(match[1])
        self.proto = match[2] == "proto"
        self.name = match[3]
        show, value = SHOW.search(match[4]), VALUE.search(match[4])
        self.show = show[1] if show else ""
        self.value = value[1] if value else None

    def number(self):
        return int(self.show, 0)


# Retransmitted segments fill gaps of these, late. tshark leaves them out, or waits for what never comes; told to take segments as they come it
# reads them all. Then no byte may come twice: the frames named here hold only what others hold, too.
LATE = {"EmreEkin+ICS-Pcaps__specialCIP.pcap": [], "AgentCarter1+S7comm-Plus-Anomaly-Detection__online_alma_yeni.pcapng": [61, 72],
        "gymgit+s7-pcaps__wincc_s300_setup-alarm-read_2.pcap": [421]}


@contextlib.contextmanager
def without(path, numbers):
    """The capture without these frames."""
    if not numbers:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "rest")
        subprocess.run(["editcap", path, copy] + [str(n) for n in numbers], check=True, stderr=subprocess.DEVNULL)
        yield copy


def frames(path, wanted, options=()):
    """Sender, receiver and fields of each frame that tshark reads as `wanted`."""
    name = os.path.basename(path)
    taken = ["-o", "tcp.analyze_sequence_numbers:FALSE"] if name in LATE else []
    with without(path, LATE.get(name)) as rest:
        command = ["tshark", "-n", "-r", rest, "-Y", "(%s) and not icmp and not icmpv6" % wanted, "-T", "pdml"] + taken + list(options)
        yield from packets(command)


def packets(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace") as run:
        ends, fields = ["", ""], []
        for line in run.stdout:
            match = LINE.match(line)
            if match:
                if match[3] in ADDRESSES:
                    ends[ADDRESSES[match[3]]] = SHOW.search(match[4])[1]
                else:
                    fields.append(Field(match))
            elif line.startswith("</packet>"):
                yield ends[0], ends[1], fields
                ends, fields = ["", ""], []


# ---------------------------------------------------------------------------------------------- both

def compare(binary, dialect, path):
    a, b = dialect.theirs(path), ours(binary, dialect, path)
    different, total, kinds = [], collections.Counter(), 0
    for key in sorted(a.keys() | b.keys()):
        kinds += len(a[key].keys() | b[key].keys()) if key[2] == PDU else 0
        total[key[2]] += max(sum(a[key].values()), sum(b[key].values()))
        for value in sorted(a[key].keys() | b[key].keys()):
            if a[key][value] != b[key][value]:
                different.append(key + (value, a[key][value], b[key][value]))
    return different, total, kinds


def captures(shared, dialect, words):
    for word in words:
        if os.path.isfile(word):
            yield word, word
    for name in dialect.shipped:
        if not words or any(word in name for word in words):
            yield name, os.path.join(ROOT, "testdata", "captures", name)
    base = os.path.join(shared, "oracle")
    for folder, _, files in sorted(os.walk(base)):
        for name in sorted(files):
            inside = os.path.relpath(os.path.join(folder, name), base)[:-4]
            if not name.endswith(".tsv") or folder == base or (words and not any(word in inside for word in words)):
                continue
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as table:
                if dialect.sections and re.search(r"^(%s)\t" % "|".join(dialect.sections), table.read(), re.M):
                    yield inside, os.path.join(shared, "pcaps", inside)


def read_known(protocol, chosen):
    known = {}
    with open(KNOWN, encoding="utf-8") as table:
        for line in table:
            cells = line.rstrip("\n").split("\t")
            if not line.startswith("#") and cells[0] == protocol and cells[1] in chosen:
                known[cells[1], cells[2]] = (int(cells[3]), cells[4])
    return known


def judge(dialect, chosen, found, shares):
    """Lines about what is not as it should be."""
    known = read_known(dialect.name, chosen)
    lines = ["%s: %.4f agree, fewer than %.4f" % (field, share, SHARE) for field, share in shares.items()
             if share < SHARE and dialect.sections]  # a capture of ours has what tshark cannot read on purpose
    for key in sorted(found.keys() | known.keys()):
        listed = known.get(key, (0, ""))[0]
        if found[key] != listed:
            lines.append("%s %s: %d values differ, %d are listed" % (key + (found[key], listed)))
        elif key in known and not known[key][1].strip("? "):
            lines.append("%s %s: nobody has said why" % key)
    return lines


def run(dialect, description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--binary", default=os.environ.get("OTOSCOPE", os.path.join(ROOT, "build", "otoscope")))
    parser.add_argument("--shared", default=os.path.join(os.path.dirname(ROOT), "shared"))
    parser.add_argument("--check", action="store_true", help="fail when something differs that is not listed")
    parser.add_argument("--show", action="store_true", help="print the values that differ, tshark's count before ours")
    parser.add_argument("--list", action="store_true", help="print the differences as rows of the table")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("capture", nargs="*")
    args = parser.parse_args()
    if not shutil.which("tshark") or not (dialect.shipped or os.path.isdir(os.path.join(args.shared, "oracle"))):
        print("1..0 # SKIP no captures in %s, or no tshark" % os.path.normpath(args.shared))
        return 0
    todo = list(captures(args.shared, dialect, args.capture))
    found, total, kinds, unequal = collections.Counter(), collections.Counter(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (inside, _), (different, seen, more) in zip(todo, pool.map(lambda c: compare(args.binary, dialect, c[1]), todo)):
            total.update(seen)
            kinds += more
            unequal += sum(field == PDU for _, _, field, _, _, _ in different)
            for src, dst, field, value, a, b in different:
                found[inside, field] += abs(a - b)
                if args.show:
                    print("# %s %s > %s %s %s: %d | %d" % (inside, src, dst, field, value, a, b))
    wrong = collections.Counter()
    for (_, field), n in found.items():
        wrong[field] += n
    shares = {field: 1 - wrong[field] / total[field] for field in dialect.fields + [PDU] if total[field]}
    for field, share in shares.items():
        print("# %-18s %7d values %8.5f" % (field, total[field], share))
    if kinds:
        shares["counts of messages"] = 1 - unequal / kinds
        print("# %d of %d counts of messages equal (%.2f %%)" % (kinds - unequal, kinds, 100 * shares["counts of messages"]))
    everything, all_wrong = sum(total.values()), sum(wrong.values())
    print("# %-18s %7d values %8.5f" % ("all", everything, 1 - all_wrong / max(everything, 1)))
    if args.list:
        for (inside, field), n in sorted(found.items()):
            print(dialect.name, inside, field, n, "?", sep="\t")
    if not args.check:
        return 1 if all_wrong else 0
    lines = judge(dialect, {inside for inside, _ in todo}, found, shares)
    for line in lines:
        print("#   " + line)
    print("%s 1 - %d values of %s as tshark has them in %d captures, %d explained\n1..1" % (
        "not ok" if lines else "ok", everything, dialect.name, len(todo), all_wrong))
    return 1 if lines else 0


def main(dialect, description):
    sys.exit(run(dialect, description))
