"""A controller that answers Beckhoff ADS, for a real client to talk to.

Usage: ads-server.py ADDRESS. TCP port 48898. It knows no more than the client needs: ports of the router, states, a symbol table with its types,
values by place and by handle, sum commands, notifications.
"""

import socket
import struct
import sys
import threading
import time

NET_ID = bytes((5, 99, 88, 77, 1, 1))
RUN, STOP, NOT_FOUND, BAD_GROUP = 5, 6, 0x710, 0x702
DATA = 0x4040
SYMBOLS = {  # name: type, number of the type, offset, size
    "MAIN.fSpeed": ("REAL", 4, 0, 4),
    "MAIN.nLevel": ("INT", 2, 4, 2),
    "MAIN.bPump": ("BOOL", 33, 6, 1),
    "MAIN.nTotal": ("UDINT", 19, 8, 4),
    "MAIN.sBatch": ("STRING(20)", 30, 12, 21),
    "MAIN.fLong": ("LREAL", 5, 40, 8),
}
memory = bytearray(64)
struct.pack_into("<fhBxI20s", memory, 0, 1480.5, -3, 1, 70000, b"Batch 12")
struct.pack_into("<d", memory, 40, 12.25)
handles, states = {}, {851: RUN, 10000: RUN}


def text(s):
    return s.encode("latin-1") + b"\0"


def symbol_entry(name):
    kind, number, offset, size = SYMBOLS[name]
    rest = struct.pack("<IIIIIHHH", DATA, offset, size, number, 8, len(name), len(kind), 0) + text(name) + text(kind) + text("")
    return struct.pack("<I", 4 + len(rest)) + rest


def type_entry(kind):
    _, number, _, size = next(row for row in SYMBOLS.values() if row[0] == kind)
    rest = struct.pack("<IIIIIIIHHHHH", 1, 0, 0, size, 0, number, 1, len(kind), 0, 0, 0, 0) + text(kind) + text("") + text("")
    return struct.pack("<I", 4 + len(rest)) + rest


def name_of(data):
    return data.split(b"\0")[0].decode("latin-1")


def read(group, offset, size):
    """(result, data)"""
    if group == 0xF005:
        if offset not in handles:
            return NOT_FOUND, b""
        _, _, begin, length = SYMBOLS[handles[offset]]
        return 0, bytes(memory[begin : begin + min(size, length)])
    if group == DATA:
        return 0, bytes(memory[offset : offset + size])
    if group == 240:
        return 0, struct.pack("<HHHBBHBBHH", RUN, 1, 0, 3, 1, 4024, 1, 0, 0, 0)
    if group == 0xF008:
        return 0, b"\1"
    if group in (0xF00C, 0xF00F):
        table = b"".join(map(symbol_entry, SYMBOLS))
        types = b"".join(type_entry(row[0]) for row in SYMBOLS.values())
        return 0, struct.pack("<IIIIII", len(SYMBOLS), len(table), len(SYMBOLS), len(types), 0, 0)[:size]
    if group == 0xF00B:
        return 0, b"".join(map(symbol_entry, SYMBOLS))
    if group == 0xF00E:
        return 0, b"".join(type_entry(row[0]) for row in SYMBOLS.values())
    return BAD_GROUP, b""


def write(group, offset, data):
    if group == 0xF005 and offset in handles:
        offset = SYMBOLS[handles[offset]][2]
    elif group == 0xF006:
        return 0 if handles.pop(struct.unpack("<I", data)[0], None) else NOT_FOUND
    elif group != DATA:
        return BAD_GROUP
    memory[offset : offset + len(data)] = data
    return 0


def read_write(group, offset, size, data):
    if group == 0xF003:
        if name_of(data) not in SYMBOLS:
            return NOT_FOUND, b""
        handle = 0x1000 + len(handles)
        handles[handle] = name_of(data)
        kind, number, _, length = SYMBOLS[name_of(data)]
        return 0, (struct.pack("<IIIH", handle, length, number, len(kind)) + text(kind)) if size > 4 else struct.pack("<I", handle)
    if group == 0xF009:
        return (0, symbol_entry(name_of(data))) if name_of(data) in SYMBOLS else (NOT_FOUND, b"")
    if group == 0xF011:
        known = name_of(data) in [row[0] for row in SYMBOLS.values()]
        return (0, type_entry(name_of(data))) if known else (NOT_FOUND, b"")
    if group == 0xF080:
        parts = [struct.unpack_from("<III", data, 12 * i) for i in range(offset)]
        answers = [read(*part) for part in parts]
        padded = (got.ljust(part[2], b"\0") for part, (_, got) in zip(parts, answers))
        return 0, b"".join(struct.pack("<I", result) for result, _ in answers) + b"".join(padded)
    if group == 0xF081:
        at, results = 12 * offset, b""
        for i in range(offset):
            where, place, length = struct.unpack_from("<III", data, 12 * i)
            results += struct.pack("<I", write(where, place, data[at : at + length]))
            at += length
        return 0, results
    if group == 0xF082:
        at, answers = 16 * offset, []
        for i in range(offset):
            where, place, want, length = struct.unpack_from("<IIII", data, 16 * i)
            answers.append(read_write(where, place, want, data[at : at + length]))
            at += length
        return 0, b"".join(struct.pack("<II", result, len(got)) for result, got in answers) + b"".join(got for _, got in answers)
    return read(group, offset, size)


class Client:
    """One connection."""

    def __init__(self, link):
        self.link, self.notes, self.lock = link, {}, threading.Lock()
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, head, payload):
        with self.lock:
            self.link.sendall(struct.pack("<HI", 0, 32 + len(payload)) + head + payload)

    def notify(self, handle, target, source):
        place, cycle = self.notes[handle]
        last = None
        while handle in self.notes:
            _, data = read(*place)
            if data != last:
                stamp = 116444736000000000 + int(time.time() * 10000000)
                body = struct.pack("<IQIII", 1, stamp, 1, handle, len(data)) + data
                head = target + source + struct.pack("<HHIII", 8, 4, 4 + len(body), 0, 0)
                try:
                    self.send(head, struct.pack("<I", len(body)) + body)
                except OSError:
                    return
            last = data
            time.sleep(max(cycle, 0.05))

    def answer(self, command, port, source, target, data):
        if command == 1:
            return struct.pack("<IBBH16s", 0, 3, 1, 4024, b"Plc30 App" if port == 851 else b"TwinCAT System")
        if command == 2:
            result, got = read(*struct.unpack("<III", data[:12]))
            return struct.pack("<II", result, len(got)) + got
        if command == 3:
            return struct.pack("<I", write(*struct.unpack("<II", data[:8]), data[12:]))
        if command == 4:
            return struct.pack("<IHH", 0, states.get(port, RUN), 1)
        if command == 5:
            wanted = struct.unpack_from("<H", data)[0]
            states[port] = STOP if wanted == STOP else RUN
            return struct.pack("<I", 0)
        if command == 6:
            group, offset, length, _, _, cycle = struct.unpack("<IIIIII", data[:24])
            handle = len(self.notes) + 1
            self.notes[handle] = ((group, offset, length), cycle / 10000000)
            threading.Timer(0.02, self.notify, (handle, source, target)).start()
            return struct.pack("<II", 0, handle)
        if command == 7:
            return struct.pack("<I", 0 if self.notes.pop(struct.unpack("<I", data)[0], None) else 0x714)
        group, offset, size, length = struct.unpack("<IIII", data[:16])
        result, got = read_write(group, offset, size, data[16 : 16 + length])
        return struct.pack("<II", result, len(got)) + got

    def serve(self):
        stream = self.link.makefile("rb")
        while True:
            head = stream.read(6)
            if len(head) < 6:
                self.notes.clear()
                return
            kind, length = struct.unpack("<HI", head)
            body = stream.read(length)
            if kind == 0x1000:
                self.link.sendall(struct.pack("<HI", kind, 8) + bytes((10, 8, 0, 20, 1, 1)) + struct.pack("<H", 32905))
            if kind:
                continue
            target, source = body[:8], body[8:16]
            command, _, _, _, invoke = struct.unpack("<HHIII", body[16:32])
            payload = self.answer(command, struct.unpack("<H", target[6:])[0], source, target, body[32:])
            self.send(source + target + struct.pack("<HHIII", command, 5, len(payload), 0, invoke), payload)


server = socket.create_server((sys.argv[1], 48898))
while True:
    connection, _ = server.accept()
    threading.Thread(target=Client(connection).serve, daemon=True).start()
