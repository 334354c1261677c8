#!/usr/bin/env python3
"""Compare what opcua's events hold with what tshark reads, field by field and value by value: see tshark_values.py."""
import base64
import collections
import html
import struct

from oracle_it import names
from tshark_values import PDU, Dialect, frames, main

TABLES = "analyzers/opcua/opcua_tables.c"
SERVICES = {number for _, number in names(TABLES, "services_rows").items()}
TYPES = {number: name for name, number in names(TABLES, "types_rows").items()}
FAULT, LATEST = 397, 12000
ENCODINGS = {FAULT} | SERVICES | {n + (1 if n > LATEST else 3) for n in SERVICES}
TEXT, VALUE = 480, 240  # as much of a text as the analyzer keeps
NONE = "http://opcfoundation.org/UA/SecurityPolicy#None"
EPOCH = 116444736000000000

# Of these services the nodes that are touched, by the name of the field.
TOUCHED = {631: "NodeId", 673: "NodeId", 527: "NodeId", 664: "NodeId", 712: "MethodId", 751: "NodeId", 500: "NodeId", 488: "ParentNodeId", 554: "StartingNode",
           494: "SourceNodeId", 506: "SourceNodeId"}
NUMBERS = {"opcua.security.rqid": "request_id", "opcua.security.seq": "seq_number", "opcua.RequestHandle": "request_handle",
           "opcua.transport.rbs": "rcv_buf_size", "opcua.transport.sbs": "snd_buf_size"}
TEXTS = {"opcua.transport.endpoint": "endpoint_url", "opcua.security.spu": "sec_policy_uri", "opcua.UserName": "user", "opcua.SessionName": "session_name"}
PORTS = ["-d", "tcp.port==48060,opcua", "-d", "tcp.port==51210,opcua"]  # of captures of ours
COMPARED = set(range(1, 14)) | {15}

SCRIPT = r'''
local COMPARED = { [13] = true, [15] = true }
for i = 1, 12 do COMPARED[i] = true end
local function ascii(s) return s and (s:gsub("[^\x20-\x7e]+", "?")) end
on("opcua.message", function(e)
	local service, kind = e:raw("service"), e.pdu_type
	if e.encrypted or (e.msg_type == "MSG" or e.msg_type == "CLO") and not kind then
		if e.sec_policy_uri then put(e, "sec_policy_uri", e.sec_policy_uri) end
		return
	end
	local encoding = kind == "fault" and 397 or kind == "response" and service + (service > 12000 and 1 or 3) or kind and service
	put(e, "pdu", e.msg_type .. " " .. (encoding or "-"))
	for _, name in ipairs { "request_id", "seq_number", "request_handle", "rcv_buf_size", "snd_buf_size", "sec_policy_uri", "session_name" } do
		put(e, name, ascii(e[name] and tostring(e[name])))
	end
	if e.msg_type == "HEL" or e.msg_type == "RHE" then put(e, "endpoint_url", ascii(e.endpoint_url)) end
	if kind and kind ~= "request" then put(e, "status_code", e:raw("status_code")) end
	if kind == "request" then
		if service == 467 then put(e, "user", ascii(e.user)) end
		if service ~= 488 and service ~= 554 and service ~= 700 and service ~= 560 and service ~= 566 and service ~= 615 and service < 763 then
			put(e, "nodes", ascii(e.nodes))
		end
	end
end)
on("opcua.value", function(e)
	local kind = e:raw("data_type")
	if kind and COMPARED[kind] then put(e, "value", e.data_type .. " " .. (ascii(e.value) or "")) end
end)
'''


def ascii_of(shown):
    text = html.unescape(shown)
    return "".join(c if " " <= c <= "~" else "\0" for c in text)


def squeezed(text):
    """Runs of what is no ASCII are one question mark."""
    out = ""
    for c in text:
        if c != "\0":
            out += c
        elif not out.endswith("?"):
            out += "?"
    return out


def node_text(raw):
    """A NodeId as the standard writes it, from its octets."""
    kind = raw[0] & 0x3f
    if kind == 0:
        return "i=%d" % raw[1]
    space = raw[1] if kind == 1 else struct.unpack_from("<H", raw, 1)[0]
    prefix = "ns=%d;" % space if space else ""
    if kind == 1:
        return prefix + "i=%d" % struct.unpack_from("<H", raw, 2)
    if kind == 2:
        return prefix + "i=%d" % struct.unpack_from("<I", raw, 3)
    if kind == 4:
        a, b, c = struct.unpack_from("<IHH", raw, 3)
        rest = raw[11:19].hex()
        return prefix + "g=%08x-%04x-%04x-%s-%s" % (a, b, c, rest[:4], rest[4:])
    body = raw[7:7 + struct.unpack_from("<i", raw, 3)[0]]
    return prefix + ("s=" + body.decode("latin-1") if kind == 3 else "b=" + base64.b64encode(body).decode())


def real_text(value, digits):
    if abs(value) < 1000000 and value == int(value):
        return str(int(value))
    return ("%%.%dg" % digits) % value


def time_text(ticks):
    seconds, rest = divmod(ticks - EPOCH, 10000000)
    days, within = divmod(seconds, 86400)
    if ticks <= 0:
        return ""
    import datetime
    try:
        date = datetime.date(1970, 1, 1) + datetime.timedelta(days=days)
    except OverflowError:
        return ""
    return "%sT%02d:%02d:%02d%sZ" % (date, within // 3600, within // 60 % 60, within % 60, ".%07d" % rest if rest else "")


def scalar_text(kind, f):
    raw = bytes.fromhex(f.value or "")
    if kind == 1:
        return "true" if any(raw) else "false"
    if kind == 10:
        value = struct.unpack("<f", raw)[0]
        return real_text(value, 7) if value == value and abs(value) != float("inf") else {"inf": "inf", "-inf": "-inf"}.get(str(value), "nan")
    if kind == 11:
        value = struct.unpack("<d", raw)[0]
        return real_text(value, 15) if value == value and abs(value) != float("inf") else {"inf": "inf", "-inf": "-inf"}.get(str(value), "nan")
    if kind == 13:
        return time_text(struct.unpack("<q", raw)[0])
    if kind == 12:
        return html.unescape(f.show)
    if kind == 15:
        return raw.hex() if f.show and not f.show.startswith("<") else ""
    return str(int.from_bytes(raw, "little", signed=kind in (2, 4, 6, 8)))


def values_of(fields):
    """Type and text of each data value; what lies inside of another is its own business."""
    out, inside, waits = [], None, False
    i = 0
    while i < len(fields):
        f = fields[i]
        i += 1
        if inside is not None and f.depth >= inside:
            continue
        inside = None
        if f.name == "opcua.datavalue.has_value":
            waits = f.show in ("1", "True")
        elif f.name == "opcua.variant.has_value" and waits:
            waits, kind, is_array = False, f.number() & 0x3f, f.number() & 0x80
            inside = f.depth
            if kind not in COMPARED:
                continue
            name, texts, most = "opcua." + TYPES[kind], [], 1
            for g in fields[i:]:
                if g.depth < f.depth:
                    break
                if is_array and g.name == "opcua.variant.ArraySize" and not texts:
                    most = max(g.number(), 0)
                elif g.name == name and len(texts) < most: # dimensions follow
                    texts.append(scalar_text(kind, g))
            text = "{%s}" % ",".join(texts) if is_array else "".join(texts)
            out.append((TYPES[kind], text[:VALUE]))
    return out


def nodes_of(fields, label):
    text, depth = "", None
    for f in fields:
        if not f.name and f.show.split(":")[0] == label and f.show.endswith("NodeId") and f.value and f.depth == (depth or f.depth):
            depth = f.depth # deeper ones are of filters
            more = text + ("," if text else "") + node_text(bytes.fromhex(f.value))
            text = more if len(more) < TEXT else text
    return text


def message(put, fields):
    first = {}
    for f in fields:
        first.setdefault(f.name, f)
    kind = first["opcua.transport.type"].show
    if "opcua.security.spu" in first and first["opcua.security.spu"].show != NONE:
        put("sec_policy_uri", first["opcua.security.spu"].show)
        return
    service = first.get("opcua.servicenodeid.numeric")
    if kind in ("OPN", "MSG", "CLO"):
        if service is None or service.number() not in ENCODINGS or first["opcua.transport.chunk"].show != "F":
            return
        number = service.number()
        put(PDU, "%s %d" % (kind, number))
    else:
        number = None
        put(PDU, kind + " -")
    for name, field in list(NUMBERS.items()) + list(TEXTS.items()):
        if name in first and (first[name].show or name in NUMBERS) and (field != "user" or number == 467):
            put(field, squeezed(ascii_of(first[name].show)))
    if "opcua.ServiceResult" in first:
        put("status_code", str(first["opcua.ServiceResult"].number()))
    if number in TOUCHED and number not in (488, 554):
        text = nodes_of(fields, TOUCHED[number])
        if text:
            put("nodes", squeezed(ascii_of(text)))
    for name, text in values_of(fields):
        put("value", "%s %s" % (name, squeezed(ascii_of(text))))


def theirs(path):
    values = collections.defaultdict(collections.Counter)
    for src, dst, fields in frames(path, "opcua and not _ws.malformed", PORTS):
        one = []
        for f in fields + [None]:
            if f is None or (f.proto and f.name == "opcua"):
                if any(x.name == "opcua.transport.type" for x in one):
                    message(lambda field, value, ends=(src, dst): values[ends + (field,)].update([value]), one)
                one = []
            elif one or not f.proto:
                one.append(f)
    return values


OPCUA = Dialect("opcua", ["opcua.msg"], ["opcua.pcap", "real-opcua.pcap"], ["request_id", "seq_number", "request_handle", "rcv_buf_size", "snd_buf_size", "endpoint_url",
                "sec_policy_uri", "user", "session_name", "status_code", "nodes", "value"], SCRIPT, theirs)

if __name__ == "__main__":
    main(OPCUA, __doc__)
