#!/usr/bin/env python3
"""Compare what s7comm_plus's events hold with a second reader, field by field and value by value: see tshark_values.py.

tshark 4 has no dissector for S7comm-plus. It carries the bytes here: TCP, TPKT and COTP are its own, and what is in a TPDU is read below, by
the published descriptions of the protocol alone.
"""
import collections
import os
import subprocess

from tshark_values import LATE, PDU, Dialect, main, without

FIELDS = ["function", "sequence", "session", "flags", "return", "object", "class", "attribute", "count", "value", "failed", "confirmed", "number",
          "length", "fragments"]

SCRIPT = r'''
on("s7comm_plus.message", function(e)
	put(e, "pdu", ("%d 0x%02x %s"):format(e.version, e.opcode, e.function_code and ("0x%04x"):format(e.function_code) or "-"))
	put(e, "function", e.function_code)
	put(e, "sequence", e.sequence)
	put(e, "session", e.session)
	put(e, "flags", e.transport_flags)
	put(e, "return", e.return_code and (e.failed and 0 or e.return_code))
	put(e, "failed", e.failed)
	put(e, "confirmed", e.confirmed)
	put(e, "number", e.number)
	if e.version < 4 then
		put(e, "length", e.length)
		put(e, "fragments", e.fragments)
	end
	if e.opcode == 0x31 and not e.partial or e.opcode == 0x33 then
		put(e, "object", e.object)
		put(e, "class", e:raw("class"))
		put(e, "attribute", e:raw("attribute"))
		put(e, "count", e.count)
		put(e, "value", e.value)
	end
end)
'''

REQUEST, RESPONSE, NOTIFICATION, SHORT_RESPONSE = 0x31, 0x32, 0x33, 0x02
EXPLORE, CREATE, DELETE, SET, GET, ADD_LINK, REMOVE_LINK, GET_LINK = 0x4bb, 0x4ca, 0x4d4, 0x4f2, 0x4fc, 0x506, 0x51a, 0x524
SET_MULTI, GET_MULTI, BEGIN, INVOKE, SET_STREAMED, GET_STREAMED = 0x542, 0x54c, 0x556, 0x56b, 0x57c, 0x586
SECRET = {303, 304, 309, 310, 1846}  # attributes of a login, whose values are never told
LONGEST = 64 * 1024
SUBSCRIPTION, SUBSCRIBED = 1001, 1048  # a class of objects; its list of variables
OURS, ODD_PORT = "s7comm_plus.pcap", 10102  # one of its connections is to that port


# ---------------------------------------------------------------------------------------------- reading

class Short(Exception):
    """The bytes end before what they say is whole."""


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        if len(self.data) - self.at < n:
            raise Short
        self.at += n
        return self.data[self.at - n:self.at]

    def number(self, n, signed=False):
        return int.from_bytes(self.take(n), "big", signed=signed)

    def vlq(self, signed=False):
        """Seven bits a byte, the first bit says that more follow; of nine bytes the last one has eight."""
        first = self.number(1)
        n, length = first & 0x7f, 1
        while first & 0x80 and length < 8:
            first = self.number(1)
            n, length = n << 7 | first & 0x7f, length + 1
        if length == 8 and first & 0x80:
            n, length = n << 8 | self.number(1), 64
        bits = min(7 * length, 64)
        return n - (1 << bits) if signed and n >> bits - 1 & 1 else n

    def left(self):
        return len(self.data) - self.at


FIXED = {1: 1, 2: 1, 3: 2, 6: 1, 7: 2, 10: 1, 11: 2, 12: 4, 13: 8, 14: 4, 15: 8, 16: 8, 18: 4}
SIGNED, FLOATS, VLQ, SIGNED_VLQ = {6, 7}, {14, 15}, {4, 5, 19, 22}, {8, 9, 17}


def element(b, kind, sparse=False):
    """One value of a type; a number when it is one."""
    if kind in FIXED:
        n = b.number(FIXED[kind], kind in SIGNED)
        return None if kind in FLOATS else n
    if kind in VLQ:
        return b.vlq()
    if kind in SIGNED_VLQ:
        return b.vlq(True)
    if kind == 20:  # a blob; with a root, eight more bytes and its kind
        if b.vlq() > 1 and not sparse:
            b.take(9)
        b.take(b.vlq())
    elif kind in (21, 25):
        b.take(b.vlq())
    elif kind == 23:
        struct(b)
    elif kind != 0:
        raise Short
    return None


def struct(b):
    name = b.number(4)
    if 0x90000000 < name < 0x9fffffff or 0x02000000 < name < 0x02ffffff:  # packed: a time, flags, a size
        b.take(8)
        flags, size = b.vlq(), b.vlq()
        b.take(b.vlq() if flags & 0x400 else size)
        return
    while b.vlq():
        value(b)


def value(b):
    """(flags, number or None)."""
    flags, kind = b.number(1), b.number(1)
    if flags & 0x40:
        while b.vlq():
            element(b, kind, True)
    elif flags & 0x30:
        for _ in range(b.vlq()):
            element(b, kind)
    else:
        return flags, element(b, kind)
    return flags, None


# ---------------------------------------------------------------------------------------------- messages

def attributes(b, of, read):
    for i in range(read):
        attribute = b.vlq()
        if i == 0:
            of["attribute"] = attribute
        yield attribute


def tell_value(of, attribute, got):
    if "value" not in of and got[1] is not None and not got[0] and attribute not in SECRET:
        of["value"] = got[1]


def items(b, of):
    """Several variables by address, or attributes of an object: what each is."""
    if b.number(4):
        b.at -= 4
        of["object"] = b.number(4)
        of["count"] = b.vlq()
        return list(attributes(b, of, b.vlq()))
    of["count"] = b.vlq()
    b.vlq()
    what = []
    for _ in range(of["count"]):
        b.vlq()  # a check value
        b.vlq()  # where it lies
        more = b.vlq()
        what.append(b.vlq())
        for _ in range(more - 1):
            b.vlq()
    return what


def first_object(b, of):
    if b.left() and b.data[b.at] != 0xa1:
        b.vlq()
    b.take(1)
    of["object"], of["class"] = b.number(4), b.vlq()


def subscribed(b, of):
    """The list's numbers begin with two others and how many variables there are."""
    flags, kind = b.number(1), b.number(1)
    numbers = [element(b, kind) for _ in range(b.vlq())] if flags & 0x30 else []
    if kind == 4 and len(numbers) > 3 and numbers[2]:
        of["count"] = numbers[2]


def subscription(b, of):
    """What is to be told, of the attributes of one that is made."""
    b.vlq()
    b.vlq()
    while b.number(1) == 0xa3:
        if b.vlq() == SUBSCRIBED:
            subscribed(b, of)
        else:
            value(b)


def request(b, function, of):
    if function in (EXPLORE, DELETE, INVOKE, ADD_LINK, REMOVE_LINK, GET_LINK):
        of["object"] = b.number(4)
        if function in (ADD_LINK, REMOVE_LINK, GET_LINK):
            of["attribute"] = b.vlq()
    elif function in (SET, GET):
        of["object"], of["count"] = b.number(4), b.vlq()
        for attribute in attributes(b, of, of["count"]):
            if function == SET:
                tell_value(of, attribute, value(b))
    elif function in (SET_STREAMED, GET_STREAMED):
        of["object"] = b.number(4)
        b.take(2)
        list(attributes(b, of, b.vlq()))
    elif function in (SET_MULTI, GET_MULTI):
        what = items(b, of)
        for _ in range(of["count"] if function == SET_MULTI else 0):
            place = b.vlq()
            known = 1 <= place <= len(what[:16])
            if known and what[place - 1] == SUBSCRIBED:
                subscribed(b, of)
                continue
            got = value(b)
            if known:
                tell_value(of, what[place - 1], got)
    elif function == CREATE:
        b.take(4)
        value(b)
        b.take(4)
        first_object(b, of)
        if of["class"] == SUBSCRIPTION:
            subscription(b, of)
    elif function == BEGIN:
        kind = b.number(1)
        b.take(2)
        if kind == 2:
            b.take(1)
            first_object(b, of)
        else:
            of["object"] = b.number(4)


def failures(b, function, of):
    if function == GET_MULTI:
        while b.vlq():
            value(b)
    failed = 0
    while b.vlq():
        if ((b.vlq() & 0xffff) ^ 0x8000) - 0x8000 >= 0:
            return
        failed += 1
        of["failed"] = failed


def notification(b, of):
    """Values behind their numbers, until what cannot be read; the first number is told."""
    of["object"] = b.number(4)
    b.take(7)
    if of["object"] >= 0x70000000:
        of["number"] = b.vlq()
    of["count"] = 0
    first, second = (b.data + b"\xff\xff")[b.at:b.at + 2]
    b.take(9 if first == 0 and 1 <= second <= 15 else 1 if 1 <= first <= 15 else 0)
    kind, failed = b.number(1), 0
    while kind in (0x03, 0x13, 0x83, 0x92, 0x9b, 0x9c):
        if kind == 0x9b:
            b.vlq()
        elif kind != 0x83:
            b.take(4)
        if kind in (0x83, 0x92, 0x9b):
            got = value(b)
            of["count"] += 1
            tell_value(of, None, got)
        elif kind != 0x9c:
            failed += 1
            of["failed"] = failed
        kind = b.number(1)


def message(version, data, fragments):
    """The fields of one message."""
    b = Bytes(data)
    of = {"length": len(data), "fragments": fragments}
    opcode = b.number(1)
    if opcode == NOTIFICATION:
        of[PDU] = "%d 0x%02x -" % (version, opcode)
        try:
            notification(b, of)
        except Short:
            pass
        return of
    b.take(2)
    function = of["function"] = b.number(2)
    b.take(2)
    of["sequence"] = b.number(2)
    of[PDU] = "%d 0x%02x 0x%04x" % (version, opcode, function)
    try:
        if opcode == REQUEST:
            of["session"], of["flags"] = b.number(4), b.number(1)
            if len(data) <= LONGEST:
                request(b, function, of)
        else:
            of["flags"] = b.number(1)
            of["return"] = ((b.vlq() & 0xffff) ^ 0x8000) - 0x8000
            if of["return"] >= 0 and function in (GET_MULTI, SET_MULTI) and len(data) <= LONGEST:
                failures(b, function, of)
    except Short:
        pass
    return of


class Direction:
    """The frames of one side of a connection."""

    def __init__(self):
        self.parts, self.fragments = b"", 0

    def frame(self, tsdu):
        b = Bytes(tsdu)
        b.take(1)
        version = b.number(1)
        if version == 0xff:
            b.take(2)
            return {PDU: "255 0x00 -"}
        length = b.number(2)
        if version == 0xfe:
            b.take(4)
            return {PDU: "254 0x00 -", "confirmed": b.number(4)}
        if not 1 <= version <= 3:
            return None
        data = Bytes(b.take(length))
        if version == 3:
            data.take(data.number(1))
        part = data.take(data.left())
        last = b.left() > 0
        if not self.fragments and (not part or part[0] not in (REQUEST, RESPONSE, NOTIFICATION, SHORT_RESPONSE) or (
                part[0] != NOTIFICATION and not (part[1:3] == b"\0\0" and 4 <= part[3] <= 6))):
            return None  # the rest of one whose beginning was not seen
        self.parts, self.fragments = self.parts + part, self.fragments + 1
        if not last:
            return None
        whole, n = self.parts, self.fragments
        self.parts, self.fragments = b"", 0
        return message(version, whole, n)


def tsdus(path):
    """Sender, receiver, side of a connection and bytes of each TSDU, as tshark puts it together; None: bytes are lost for good."""
    name = os.path.basename(path)
    with without(path, LATE.get(name)) as rest:
        command = ["tshark", "-n", "-r", rest, "-Y", "(cotp or tcp.analysis.lost_segment) and not icmp", "-d", "tcp.port==%d,tpkt" % ODD_PORT,
                   "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=|"]
        command += ["-o", "tcp.analyze_sequence_numbers:FALSE"] if name in LATE else []
        for field in ("ip.src", "ip.dst", "tcp.stream", "tcp.srcport", "tcp.analysis.lost_segment", "data.data"):
            command += ["-e", field]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, errors="replace")
    for line in run.stdout.splitlines():
        src, dst, stream, port, lost, data = line.split("\t")
        if lost and name == OURS:
            yield src, dst, (stream, src, port), None
        for text in data.split("|") if data else []:
            yield src, dst, (stream, src, port), bytes.fromhex(text.replace(":", ""))


def theirs(path):
    values = collections.defaultdict(collections.Counter)
    sides = collections.defaultdict(Direction)
    for src, dst, side, tsdu in tsdus(path):
        if tsdu is None:
            sides[side] = Direction()
        if not tsdu or tsdu[:1] != b"\x72":
            continue
        try:
            of = sides[side].frame(tsdu)
        except Short:
            of = None
        for field, value_of in (of or {}).items():
            values[src, dst, field][str(value_of)] += 1
    return values


S7COMM_PLUS = Dialect("s7comm_plus", ["raw.s7comm_plus"], [OURS], FIELDS, SCRIPT, theirs)

if __name__ == "__main__":
    main(S7COMM_PLUS, __doc__)
