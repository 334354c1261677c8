#!/usr/bin/env python3
"""Compare what iec104's events hold with what tshark reads, field by field and value by value: see tshark_values.py."""
import calendar
import collections
import struct

from tshark_values import PDU, Dialect, frames, main

# tshark's fields of an APDU, and what we call them.
HEAD = {"iec60870_104.apdulen": "length", "iec60870_104.tx": "tx", "iec60870_104.rx": "rx", "iec60870_asdu.sq": "seq", "iec60870_asdu.numix": "num_ix",
        "iec60870_asdu.causetx": "cause_tx", "iec60870_asdu.nega": "negative", "iec60870_asdu.test": "test", "iec60870_asdu.oa": "originator_address",
        "iec60870_asdu.addr": "common_address"}
# Of an object: its value as it stands on the wire, or as tshark shows it.
RAW = {"iec60870_asdu.float": "<f", "iec60870_asdu.normval": "<h", "iec60870_asdu.scalval": "<h", "iec60870_asdu.bitstring": "<I",
       "iec60870_asdu.bcr.count": "<i"}
SHOWN = {"siq.spi", "diq.dpi", "vti.v", "sco.on", "dco.on", "rco.up"}
QUALIFIERS = {"sco.qu", "dco.qu", "rco.qu", "qos.ql", "qoi", "rqt", "qrp", "qpm.kpa", "coi_r"}
FLAGS = ("iv", "nt", "sb", "bl", "ov", "ca", "cy")
OTHER_FLAGS = {"vti.t": "T", "qpm.lpc": "LPC", "qpm.pop": "POP", "coi_i": "LPC"}
ORDER = ["IV", "NT", "SB", "BL", "OV", "CA", "CY", "T", "LPC", "POP"]
# Authentication, and a maker's own: tshark calls their first octets an address.
NO_OBJECTS = set(range(81, 96)) | set(range(128, 256))
CLOCK = ("year", "month", "day", "hour", "min", "ms")
# Types whose elements tshark 4 does not read, or shows as bytes: protection equipment, packed points, tests, delays, files.
UNREAD = "{ [17] = 1, [18] = 1, [19] = 1, [20] = 1, [38] = 1, [39] = 1, [40] = 1, [41] = 1, [104] = 1, [106] = 1, [107] = 1, [113] = 1 }"

SCRIPT = r'''
local unread = ''' + UNREAD + r'''
local function bit(b) if b ~= nil then return b and 1 or 0 end end
on("iec104.apdu", function(e)
	local kind = e:raw("apci_type")
	put(e, "pdu", kind == 0 and ("I %s %s"):format(e:raw("type_id"), e:raw("cause_tx")) or kind == 1 and "S" or "U " .. (e:raw("u_function") >> 2))
	put(e, "length", e.apdu_len)
	put(e, "tx", e.apci_tx) put(e, "rx", e.apci_rx)
	put(e, "seq", bit(e.seq)) put(e, "negative", bit(e.negative)) put(e, "test", bit(e.test))
	for _, name in ipairs { "num_ix", "originator_address", "common_address" } do put(e, name, e[name]) end
	put(e, "cause_tx", e:raw("cause_tx"))
	for _, address in ipairs(e.info_obj_addr or {}) do put(e, "info_obj_addr", address) end
end)
on("iec104.object", function(e)
	if unread[e:raw("type_id")] then return end
	put(e, "value", e.value and ("%.9g"):format(e.value))
	put(e, "quality", e.quality)
	put(e, "select", bit(e.select)) put(e, "qualifier", e.qualifier)
	put(e, "freeze", e.freeze and e:raw("freeze"))
	put(e, "time", e.time and tostring(e.time))
	put(e, "hour_time", e.hour_time and ("%.0f"):format(e.hour_time:seconds() * 1000))
end)
'''


def value_of(field):
    raw = struct.unpack(RAW[field.name], bytes.fromhex(field.value))[0]
    return raw / 32768 if field.name.endswith("normval") else raw


def clock(put, part):
    """The time of an object, when it is one."""
    if "cp56time.year" in part:
        year, month, day, hour, minute, ms = (part["cp56time." + name] for name in CLOCK)
        if month and 0 < day and month <= 12 and ms < 60000:
            year += 2000 if year < 100 else 1900  # some stations count as C does
            put("time", "%d.%03d000" % (calendar.timegm((year, month, day, hour, minute, ms // 1000)), ms % 1000))
    elif "cp24time.min" in part:
        put("hour_time", str(part["cp24time.min"] * 60000 + part["cp24time.ms"]))


def one_object(put, fields):
    part, flags = {}, set()
    for f in fields:
        name = f.name[len("iec60870_asdu."):]
        if f.name in RAW and f.value:
            put("value", "%.9g" % value_of(f))
        elif name in SHOWN:
            put("value", "%.9g" % f.number())
        elif name in QUALIFIERS:
            put("qualifier", str(f.number()))
        elif name.endswith(".se"):
            put("select", str(f.number()))
        elif name == "frz":
            put("freeze", str(f.number()))
        elif name.startswith("cp") and "." in name:
            part[name] = f.number()
        elif name in OTHER_FLAGS and f.number():
            flags.add(OTHER_FLAGS[name])
        elif name.rpartition(".")[2] in FLAGS and f.number():
            flags.add(name.rpartition(".")[2].upper())
    if flags:
        put("quality", ",".join(word for word in ORDER if word in flags))
    clock(put, part)


def one_apdu(put, fields):
    first = {f.name: f for f in fields[::-1]}
    if "iec60870_104.apdulen" not in first or "iec60870_104.type" not in first:
        return
    kind = first["iec60870_104.type"].number()
    if kind & 1 == 0 and "iec60870_asdu.typeid" in first:
        put(PDU, "I %s %s" % (first["iec60870_asdu.typeid"].show, first["iec60870_asdu.causetx"].show))
    elif kind & 1:
        put(PDU, "S" if kind == 1 else "U %d" % first["iec60870_104.utype"].number())
    for name, field in HEAD.items():
        if name in first:
            put(field, str(first[name].number()))
    parts = [i for i, f in enumerate(fields) if f.name == "iec60870_asdu.ioa"] + [len(fields)]
    if parts[1:] and first["iec60870_asdu.typeid"].number() in NO_OBJECTS:
        return
    for at, end in zip(parts, parts[1:]):
        put("info_obj_addr", fields[at].show)
        one_object(put, fields[at + 1:end])


def theirs(path):
    values = collections.defaultdict(collections.Counter)
    for src, dst, fields in frames(path, "iec60870_104", ["-d", "tcp.port==12404,iec60870_104", "-d", "tcp.port==12405,iec60870_104"]):
        one = []
        for f in fields + [None]:
            if f is None or (f.proto and f.name == "iec60870_104"):
                one_apdu(lambda field, value, ends=(src, dst): values[ends + (field,)].update([value]), one)
                one = []
            elif f.name.startswith("iec60870_"):
                one.append(f)
    return values


IEC104 = Dialect("iec104", ["iec60870_104"], ["iec104.pcap"], ["length", "tx", "rx", "seq", "num_ix", "cause_tx", "negative", "test", "originator_address",
                 "common_address", "info_obj_addr", "value", "quality", "select", "qualifier", "freeze", "time", "hour_time"], SCRIPT, theirs)

if __name__ == "__main__":
    main(IEC104, __doc__)
