#!/usr/bin/env python3
"""Compare what dnp3's events hold with what tshark reads, field by field and value by value: see tshark_values.py."""
import collections
import struct

import tshark_values
from tshark_values import PDU, Dialect, frames, main

# tshark takes segments of other messages with the same sequence number for pieces of one: of what came in several the size alone is compared.
SCRIPT = r'''
local put_all, long = put, false
local function put(e, field, value) if not long then put_all(e, field, value) end end
local function whole(x) return x == math.floor(x) and ("%d"):format(x) or ("%.6g"):format(x) end
on("dnp3.link", function(e)
	put_all(e, "link", ("%d>%d %d"):format(e.source, e.destination, e:raw("function")))
end)
on("dnp3.message", function(e)
	local function bit(b) return b and 1 or 0 end
	long = e.size > 249 or e.objects and e.objects:find "g120" -- nor does it read on behind authentication
	put_all(e, "pdu", ("%d %d%d%d%d"):format(e:raw("function"), bit(e.fir), bit(e.fin), bit(e.con), bit(e.uns)))
	put_all(e, "seq", e.seq)
	put_all(e, "iin", e:raw("function") ~= 131 and e:raw("iin") or nil) -- tshark has none of this one
	put_all(e, "size", e.size)
end)
-- Of strings without a byte tshark reads the first header; of classes that are assigned, of time asked for and of authentication none.
on("dnp3.object", "not (group == 112 and variation == 0) and group != 120 and function_code != ASSIGN_CLASS", function(e)
	put(e, "object", e.group * 256 + e.variation)
	put(e, "prefix", e:raw("prefix_code"))
	put(e, "range", e:raw("range_code"))
	put(e, "range_low", e.range_low)
	put(e, "range_high", e.range_high)
	if not e.range_low then put(e, "count", e.object_count) end
end)
local ana, out, counter = { [30] = true, [32] = true }, { [40] = true, [42] = true }, { [20] = true, [21] = true, [22] = true, [23] = true }
on("dnp3.point", "values", function(e)
	local field = ana[e.group] and "analog" or out[e.group] and "analog_output" or counter[e.group] and "counter"
	for _, x in ipairs(field and e.values or {}) do put(e, field, whole(x)) end
end)
on("dnp3.control", function(e)
	put(e, "trip", e:raw("trip_control_code"))
	put(e, "operation", e:raw("operation_type"))
	put(e, "on_time", e.on_time)
	put(e, "off_time", e.off_time)
	put(e, "execute_count", e.execute_count)
	if e.value then put(e, "analog_output", whole(e.value)) end
end)
on("dnp3.file", function(e)
	put(e, "handle", e.handle)
	put(e, "block", e.block)
	put(e, "request_id", e.request_id)
	put(e, "max_block_size", e.max_block_size)
	if e.file_name and #e.file_name > 0 and e.mode then put(e, "file_name", e.file_name) end
	put(e, "mode", e:raw("mode"))
end)
on("dnp3.attribute", function(e) put(e, "attribute_type", e:raw("data_type")) end)
'''

PLAIN = {"al.seq": "seq", "al.iin": "iin", "al.fragment.reassembled.length": "size", "al.obj": "object", "al.objq.prefix": "prefix", "al.objq.range": "range",
         "al.range.start": "range_low", "al.range.stop": "range_high", "al.range.quantity": "count", "al.ana.int": "analog", "al.anaout.int": "analog_output",
         "al.cnt": "counter", "ctl.trip": "trip", "ctl.op": "operation", "al.on_time": "on_time", "al.off_time": "off_time", "al.count": "execute_count",
         "al.file.handle": "handle", "al.file.blocknum": "block", "al.file.reqID": "request_id", "al.file.maxblock": "max_block_size",
         "al.file.mode": "mode", "al.datatype": "attribute_type"}
FLOATS = {"al.ana.float": "analog", "al.ana.double": "analog", "al.anaout.float": "analog_output", "al.anaout.double": "analog_output"}


def number(f):
    return str(f.number())


def real(f):
    raw = bytes.fromhex(f.value)
    value = struct.unpack("<f" if len(raw) == 4 else "<d", raw)[0]
    return "%d" % value if value == int(value) else "%.6g" % value


LAYERS = ("ctl.prifunc", "ctl.secfunc", "al.seq", "al.iin", "al.fragment.reassembled.length")
NOTHING, AUTHENTICATION = 0x7000, 120  # objects that are not compared: see above
RESERVED = ("10", "12", "13", "14", "15")  # codes of ranges: what stands before them is told there and not here


def message(put, fields, malformed):
    """One frame, with the fragment that ends in it. Of a damaged one no object is told here; what tshark does not know is not read further there."""
    have = {f.name[5:]: f for f in fields}
    if "src" in have:
        function = have.get("ctl.prifunc") or have.get("ctl.secfunc")
        if function:
            put("link", "%s>%s %d" % (have["src"].show, have["dst"].show, function.number() + (16 if "ctl.prifunc" in have else 0)))
    if "al.func" in have:
        put(PDU, "%d %s" % (have["al.func"].number(), "".join(number(have["al." + bit]) for bit in ("fir", "fin", "con", "uns"))))
    skipped = False
    for f in fields:
        name = f.name[5:]
        skipped = f.number() == NOTHING if name == "al.obj" else skipped
        if (malformed or skipped) and name not in LAYERS:
            continue
        if name in PLAIN and f.show:
            put(PLAIN[name], number(f))
        elif name in FLOATS and f.value:
            put(FLOATS[name], real(f))
        elif name == "al.file_name" and f.show:
            put("file_name", f.show)


def theirs(path):
    values = collections.defaultdict(collections.Counter)
    for src, dst, fields in frames(path, "dnp3 and not tcp.analysis.retransmission"):
        one = []
        malformed = any(f.name in ("_ws.malformed", "dnp3.unknown_object") or (f.name == "dnp3.al.fragment.count" and f.number() > 1)
                        or (f.name == "dnp3.al.objq.range" and f.show in RESERVED)
                        or (f.name == "dnp3.al.obj" and f.number() >> 8 == AUTHENTICATION) for f in fields)
        for f in fields + [None]:
            if f is None or (f.proto and f.name == "dnp3"):
                message(lambda field, value, ends=(src, dst): values[ends + (field,)].update([value]), one, malformed)
                one = []
            elif f.name.startswith("dnp3."):
                one.append(f)
    return values


# Objects are read otherwise in the few captures that were made to be read wrongly: these are listed, and no share is asked of them.
DNP3 = Dialect("dnp3", ["dnp3"], [], ["link", "seq", "iin", "size", "analog_output", "counter", "trip", "operation", "on_time", "off_time", "execute_count",
               "handle", "block", "request_id", "max_block_size", "file_name", "mode", "attribute_type"], SCRIPT, theirs)

# Captures in which tshark takes segments for pieces of other messages, or connections that come twice for segments sent again: zeek_logs.py has them.
CONFUSED = ("cisagov+icsnpp-dnp3__dnp3_example.pcap", "idaholab+Malcolm-Test-Artifacts__DNP3.pcap")
ALL = tshark_values.captures


def captures(shared, dialect, words):
    return (c for c in ALL(shared, dialect, words) if not c[0].endswith(CONFUSED))


if __name__ == "__main__":
    tshark_values.captures = captures
    main(DNP3, __doc__)
