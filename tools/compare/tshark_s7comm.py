#!/usr/bin/env python3
"""Compare what s7comm's events hold with what tshark reads in the same frames, field by field.

    tshark_s7comm.py [--binary OTOSCOPE] [--shared DIR] [--check] [--show] [--list] [--jobs N] [CAPTURE...]

Every capture of DIR/pcaps in which DIR/oracle counts s7comm is replayed, duplicates kept. For each frame and field both programs give a list of
values, in the order of the PDUs; the lists must be equal. Prints how many frames agree in each field. What remains and is understood stands in
known-differences-tshark-s7comm.tsv beside this file (capture, field, frames, reason): --check fails when it is more or less. --show prints
the lists that differ, tshark's before ours. CAPTURE limits the run to captures whose name contains the word.
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
KNOWN = os.path.join(HERE, "known-differences-tshark-s7comm.tsv")

# Our name of a field, tshark's, and what makes a number of its text.
HEX, DEC, TEXT, RAW = (lambda s: int(s, 0)), int, str, (lambda s: s.replace(":", ""))
FIELDS = [
    ("rosctr", "s7comm.header.rosctr", DEC),
    ("reference", "s7comm.header.pduref", DEC),
    ("function", "s7comm.param.func", HEX),
    ("error_class", "s7comm.header.errcls", HEX),
    ("error_code", "s7comm.header.errcod", HEX),
    ("user_error", "s7comm.param.errcod", HEX),
    ("user_type", "s7comm.param.userdata.type", DEC),
    ("user_group", "s7comm.param.userdata.funcgroup", DEC),
    ("user_sub", "s7comm.param.userdata.subfunc", DEC),
    ("items", "s7comm.param.itemcount", DEC),
    ("pdu_size", "s7comm.param.pdu_length", DEC),
    ("syntax", "s7comm.param.item.syntaxid", HEX),
    ("area", "s7comm.param.item.area", HEX),
    ("db", "s7comm.param.item.db", DEC),
    ("size", "s7comm.param.item.transp_size", DEC),
    ("count", "s7comm.param.item.length", DEC),
    ("byte", "s7comm.param.item.address.byte", DEC),
    ("bit", "s7comm.param.item.address.bit", DEC),
    ("number", "s7comm.param.item.address.number", DEC),
    ("area_db", "s7comm.param.item.dbread.db", DEC),
    ("area_start", "s7comm.param.item.dbread.startaddress", DEC),
    ("area_length", "s7comm.param.item.dbread.length", DEC),
    ("data", "s7comm.resp.data", RAW),
    ("szl_id", "s7comm.data.userdata.szl_id", HEX),
    ("szl_index", "s7comm.data.userdata.szl_index", HEX),
    ("service", "s7comm.param.pistart.servicename", TEXT),
    ("file", "s7comm.param.blockcontrol.filename", TEXT),
    ("block_length", "s7comm.data.length", DEC),
    ("info_number", "s7comm.blockinfo.block_num", DEC),
    ("info_count", "s7comm.blockinfo.block_count", DEC),
    ("alarm_event", "s7comm.alarm.event_id", HEX),
    ("diagnostic", "s7comm.cpu.diag_msg.eventid", HEX),
]
LEFT_OUT = {"block_length"}

SCRIPT = r'''
local rows = log.new { name = "values", columns = { { "frame", "u64", "frame" }, { "field", "string", "name" }, { "value", "string", "value" } } }
local function put(e, field, value)
	if value ~= nil then rows:write { frame = e.packet, field = field, value = tostring(value) } end
end
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end

on("s7comm.message", function(e)
	local user = e.rosctr_code == 7
	put(e, "rosctr", e.rosctr_code)
	put(e, "reference", e.pdu_reference >> 8 | (e.pdu_reference & 255) << 8)
	if user then
		put(e, "user_type", e.function_code >> 4)
		put(e, "user_group", e.function_code & 15)
		put(e, "user_sub", e:raw("subfunction") & 255)
		if e.data_unit then put(e, "user_error", e:raw("error")) end
	else
		put(e, "function", e.function_code)
		if e.rosctr_code == 2 or e.rosctr_code == 3 then
			put(e, "error_class", e:raw("error") >> 8)
			put(e, "error_code", e:raw("error") & 255)
		end
		put(e, "items", e.item_count)
		put(e, "pdu_size", e.pdu_size)
		if e.rosctr_code == 1 then
			if e.function_code == 0x28 then put(e, "service", e.subfunction_code) end
			if e.function_code == 0x29 then put(e, "service", "P_PROGRAM") end
		end
	end
end)
on("s7comm.item", function(e)
	local access, kind = e.access, e.pdu_type
	if kind == "request" and access ~= "watch" and access ~= "modify" then
		if e.syntax == "DBREAD" then
			put(e, "area_db", e.db)
			put(e, "area_start", e.address)
			put(e, "area_length", e.count)
		else
			put(e, "syntax", e:raw("syntax"))
			if e.syntax == "S7ANY" then
				put(e, "area", e:raw("area"))
				put(e, "db", e.db or 0)
				put(e, "size", e:raw("transport_size"))
				put(e, "count", e.count)
				if e.area == "C" or e.area == "T" then
					put(e, "number", e.address)
				else
					put(e, "byte", e.address)
					put(e, "bit", e.bit or 0)
				end
			end
		end
	end
	if e.data then put(e, "data", hex(e.data)) end
end)
on("s7comm.szl", function(e)
	put(e, "szl_id", e:raw("szl_id"))
	put(e, "szl_index", e:raw("szl_index"))
end)
on("s7comm.block", function(e)
	put(e, "file", e.filename)
end)
on("s7comm.block_info", function(e)
	put(e, "info_number", e["function"] == "list_of_type" and e.number or nil)
	put(e, "info_count", e.count)
end)
on("s7comm.alarm", function(e)
	if e.event_class then put(e, "diagnostic", e.event_id) elseif e.event_id and e.syntax ~= "ALARM_QUERYREQ" then put(e, "alarm_event", e.event_id) end
end)
'''


def theirs(path):
    command = ["tshark", "-r", path, "-Y", "s7comm", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|", "-e", "frame.number"]
    for _, name, _ in FIELDS:
        command += ["-e", name]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    values = {}
    for line in run.stdout.splitlines():
        cells = line.split("\t")
        for (field, _, make), cell in zip(FIELDS, cells[1:]):
            if cell and field not in LEFT_OUT:
                values[int(cells[0]), field] = [str(make(v)) for v in cell.split("|")]
    return values


def ours(binary, path):
    values = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([binary, "-q", "--keep-duplicates", "--json", "-l", folder, "-e", SCRIPT, "-r", path],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        if run.returncode not in (0, 1):
            raise RuntimeError("%s: exit code %d: %s" % (path, run.returncode, run.stderr[-2000:]))
        try:
            with open(os.path.join(folder, "values.log"), encoding="utf-8", errors="replace") as log:
                for line in log:
                    row = json.loads(line)
                    values[row["frame"], row["field"]].append(row["value"])
        except FileNotFoundError:
            pass
    return values


def same(field, a, b):
    if field == "service":
        return [v for v in a] == [v for v in b]
    return a == b


def compare(binary, path):
    a, b = theirs(path), ours(binary, path)
    different, frames = [], collections.Counter()
    for key in sorted(a.keys() | b.keys()):
        frames[key[1]] += 1
        if not same(key[1], a.get(key, []), b.get(key, [])):
            different.append((key[0], key[1], a.get(key, []), b.get(key, [])))
    return different, frames


def captures(shared, words):
    base = os.path.join(shared, "oracle")
    for folder, _, files in sorted(os.walk(base)):
        for name in sorted(files):
            inside = os.path.relpath(os.path.join(folder, name), base)[:-4]
            if not name.endswith(".tsv") or folder == base or (words and not any(word in inside for word in words)):
                continue
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as table:
                if re.search(r"^s7comm\t", table.read(), re.M):
                    yield inside, os.path.join(shared, "pcaps", inside)


def known_differences():
    known = {}
    if os.path.exists(KNOWN):
        with open(KNOWN, encoding="utf-8") as table:
            for line in table:
                if line.strip() and not line.startswith("#"):
                    capture, field, count, _reason = line.rstrip("\n").split("\t")
                    known[capture, field] = int(count)
    return known


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--binary", default=os.environ.get("OTOSCOPE", os.path.join(ROOT, "build", "otoscope")))
    parser.add_argument("--shared", default=os.path.join(os.path.dirname(ROOT), "shared"))
    parser.add_argument("--check", action="store_true", help="fail when the differences are not exactly the known ones")
    parser.add_argument("--show", action="store_true", help="print the lists that differ, tshark's before ours")
    parser.add_argument("--list", action="store_true", help="print the differences as rows for the table of known ones")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("capture", nargs="*")
    args = parser.parse_args()
    if not os.path.isdir(os.path.join(args.shared, "oracle")) or not shutil.which("tshark"):
        print("SKIP: no captures in %s, or no tshark" % os.path.normpath(args.shared))
        return 0
    todo = list(captures(args.shared, args.capture))
    found, frames, failed = collections.Counter(), collections.Counter(), 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (inside, _), (different, seen) in zip(todo, pool.map(lambda c: compare(args.binary, c[1]), todo)):
            frames.update(seen)
            for frame, field, a, b in different:
                found[inside, field] += 1
                if args.show:
                    print("%s frame %d %s: %s | %s" % (inside, frame, field, ",".join(a), ",".join(b)))
    for field, _, _ in FIELDS:
        wrong = sum(n for (_, name), n in found.items() if name == field)
        if frames[field]:
            print("%-12s %7d frames %8.5f" % (field, frames[field], 1 - wrong / frames[field]))
    total, wrong = sum(frames.values()), sum(found.values())
    print("%-12s %7d lists  %8.5f" % ("all", total, 1 - wrong / max(total, 1)))
    if args.list:
        for (inside, field), n in sorted(found.items()):
            print("%s\t%s\t%d\t" % (inside, field, n))
    if args.check:
        known = {key: n for key, n in known_differences().items() if any(key[0] == inside for inside, _ in todo)}
        for key in sorted(known.keys() | found.keys()):
            if known.get(key, 0) != found.get(key, 0):
                print("%s\t%s: %d frames differ, %d are known" % (key[0], key[1], found.get(key, 0), known.get(key, 0)))
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
