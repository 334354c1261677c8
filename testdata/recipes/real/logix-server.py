"""A controller with tags and PCCC files that answers EtherNet/IP, for real clients to talk to.

Usage: logix-server.py ADDRESS. TCP and UDP port 44818, I/O on UDP port 2222. It knows no more of CIP than these clients need: sessions,
discovery, a backplane with itself in slot 0, tags with a structure, connections for messages and for I/O, several services in one packet.
"""

import socket
import struct
import sys
import threading

PORT, IO_PORT, IDENTITY_NAME = 44818, 2222, b"1756-L85E Bench"
IDENTITY = struct.pack("<HHHBBHI", 1, 14, 168, 32, 11, 0x3060, 0x00C0FFEE) + bytes([len(IDENTITY_NAME)]) + IDENTITY_NAME
RECIPE, HANDLE = 0x123, 0xBEEF  # a structure: its template and the handle of its type
MEMBERS = struct.pack("<HHI", 0, 0xC4, 0) + struct.pack("<HHI", 0, 0xCA, 4) + b"Recipe;nA\0Batch\0Weight\0"
TAGS = {
    "Speed": [0xC4, struct.pack("<i", 1480)],
    "Level": [0xCA, struct.pack("<f", 71.5)],
    "Pump": [0xC1, b"\x01"],
    "Counts": [0xC4, struct.pack("<6i", *range(6))],
    "Order": [(HANDLE << 16) | 0x02A0, struct.pack("<if", 7, 12.25)],
}
TYPES = {"Counts": 0x20C4, "Order": 0x8000 | RECIPE}
FILES = {(7, 0x89): bytearray(range(40)), (8, 0x8A): bytearray(40), (3, 0x85): bytearray(40)}
OK, PATH_ERROR, NOT_SUPPORTED = 0, 5, 8


def answer(service, data=b"", status=OK):
    return struct.pack("<BBBB", service | 0x80, 0, status, 0) + data


def read_path(path):
    """The symbol and its index, else class, instance and attribute."""
    symbol, numbers, at = None, {}, 0
    while at < len(path):
        if path[at] == 0x91:
            symbol = path[at + 2 : at + 2 + path[at + 1]].decode()
            at += 2 + path[at + 1] + path[at + 1] % 2
        elif path[at] >> 5 == 1:
            wide = (1, 2, 4)[path[at] & 3]
            begin = at + (1 if wide == 1 else 2)
            numbers[path[at] & 0x1C] = int.from_bytes(path[begin : begin + wide], "little")
            at = begin + wide
        else:
            at += 2  # ports of one byte
    return symbol, numbers.get(0), numbers.get(4), numbers.get(16), numbers.get(8, 0)


class Client:
    """One session."""

    def __init__(self, address):
        self.address, self.connections = address, {}

    def tag(self, service, symbol, index, data):
        if symbol not in TAGS:
            return answer(service, status=4)
        code, value = TAGS[symbol]
        size = 1 if code == 0xC1 else 4
        if service in (0x4C, 0x52):
            kind = struct.pack("<H", code) if code < 0x10000 else struct.pack("<I", code)
            count = struct.unpack_from("<H", data)[0]
            return answer(service, kind + (value if code >= 0x10000 else value[index * size : (index + count) * size]))
        if service == 0x4D:
            start = 4 if code < 0x10000 else 6
            TAGS[symbol][1] = value[: index * size] + data[start:] + value[index * size + len(data) - start :]
            return answer(service)
        return answer(service, status=NOT_SUPPORTED)

    def template(self, service, data):
        if service == 0x03:
            rows = struct.pack("<HHHI", 4, 4, 0, (len(MEMBERS) + 23) // 4) + struct.pack("<HHI", 5, 0, 8)
            return answer(service, rows + struct.pack("<HHHHHH", 2, 0, 2, 1, 0, HANDLE))
        offset = struct.unpack_from("<I", data)[0]
        return answer(service, MEMBERS[offset : offset + 16], 6 if offset + 16 < len(MEMBERS) else OK)

    def open(self, service, data):
        large, self_id = service == 0x5B, 0x51A70000 + len(self.connections) + 1
        ot, to, serial, vendor, originator = struct.unpack_from("<IIHHI", data, 2)
        transport = data[38 if large else 34]
        if data[2 + 8 + 8] > 7:
            return answer(service, struct.pack("<HHI", serial, vendor, originator), 1)
        self.connections[serial] = (self_id, to, transport)
        if transport & 15 < 2:
            threading.Thread(target=self.produce, args=(to,), daemon=True).start()
        rpi = struct.unpack_from("<I", data, 22)[0]
        return answer(service, struct.pack("<IIHHIIIBB", self_id, to, serial, vendor, originator, rpi, rpi, 0, 0))

    def produce(self, to):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.bind((sys.argv[1], 0))
            for count in range(20):
                data = struct.pack("<H", count) + b"\x01\x02\x03\x04"
                out.sendto(struct.pack("<HHHIIHH", 2, 0x8002, 8, to, count, 0xB1, len(data)) + data, (self.address, IO_PORT))
                threading.Event().wait(0.05)

    def pccc(self, service, data):
        requester, rest = data[: data[0]], data[data[0] :]
        command, _, transaction, function = struct.unpack_from("<BBHB", rest)
        reply = requester + struct.pack("<BBH", command | 0x40, 0, transaction)
        size, file, kind, element = rest[5:9]
        words = FILES.get((file, kind))
        if words is None:
            return answer(service, requester + struct.pack("<BBHB", command | 0x40, 0xF0, transaction, 6))
        at = element * (4 if kind == 0x8A else 2)
        if function == 0xA2:
            reply += bytes(words[at : at + size])
        elif function == 0xAA:
            words[at : at + size] = rest[10 : 10 + size]
        return answer(service, reply)

    def serve(self, message):
        service, words = message[0], message[1]
        path, data = message[2 : 2 + 2 * words], message[2 + 2 * words :]
        symbol, cls, instance, attribute, index = read_path(path)
        if service == 0x52 and cls == 6:
            return self.serve(data[4 : 4 + struct.unpack_from("<H", data, 2)[0]])
        if service in (0x54, 0x5B) and cls == 6:
            return self.open(service, data)
        if service == 0x4E and cls == 6:
            serial, vendor, originator = struct.unpack_from("<HHI", data, 2)
            self.connections.pop(serial, None)
            return answer(service, struct.pack("<HHIBB", serial, vendor, originator, 0, 0))
        if service == 0x0A:
            count = struct.unpack_from("<H", data)[0]
            offsets = struct.unpack_from("<%dH" % count, data, 2) + (len(data),)
            answers = [self.serve(data[a:b]) for a, b in zip(offsets, offsets[1:])]
            at, begins = 2 + 2 * count, []
            for one in answers:
                begins.append(at)
                at += len(one)
            return answer(service, struct.pack("<%dH" % (count + 1), count, *begins) + b"".join(answers))
        if symbol and cls is None:
            return self.tag(service, symbol, index, data)
        if service == 0x01 and cls == 1:
            return answer(service, IDENTITY)
        if service == 0x55 and cls == 0x6B:
            rows = [struct.pack("<IH", i, len(name)) + name.encode() + struct.pack("<H", TYPES.get(name, TAGS[name][0]))
                    for i, name in enumerate(TAGS, 1) if i >= instance]
            return answer(service, b"".join(rows[:3]), 6 if len(rows) > 3 else OK)
        if cls == 0x6C:
            return self.template(service, data)
        if service == 0x4B and cls == 0x67:
            return self.pccc(service, data)
        if cls == 0x8B and service == 0x0E:
            return answer(service, struct.pack("<7I", 2026, 3, 14, 15, 9, 26, 535000))
        if cls == 0x8B and service == 0x10:
            return answer(service)
        if cls == 0xF5 and attribute == 6 and service == 0x0E:
            return answer(service, struct.pack("<H", 5) + b"bench\0")
        return answer(service, status=PATH_ERROR)

    def encapsulated(self, command, body):
        """What stands behind the header of an answer; None: there is none."""
        if command == 0x65:
            return body
        if command == 0x66:
            return None
        if command == 0x63:
            me = struct.pack("<H", 1) + struct.pack(">HH4s8x", 2, PORT, socket.inet_aton(sys.argv[1])) + IDENTITY + b"\x03"
            return struct.pack("<HHH", 1, 0x0C, len(me)) + me
        count, at, address, out = struct.unpack_from("<H", body, 6)[0], 8, b"", b""
        for _ in range(count):
            kind, size = struct.unpack_from("<HH", body, at)
            data, at = body[at + 4 : at + 4 + size], at + 4 + size
            if kind == 0xA1:
                back = [c[1] for c in self.connections.values() if c[0] == struct.unpack("<I", data)[0]]
                address = struct.pack("<HHI", 0xA1, 4, back[0] if back else 0)
            elif kind == 0xB1:
                out = data[:2] + self.serve(data[2:])
            elif kind == 0xB2:
                address, out = struct.pack("<HH", 0, 0), self.serve(data)
        return body[:6] + struct.pack("<H", 2) + address + struct.pack("<HH", 0xB2 if command == 0x6F else 0xB1, len(out)) + out


def session(connection, address):
    client, handle = Client(address), 0x00020001
    stream = connection.makefile("rwb")
    while len(head := stream.read(24)) == 24:
        command, size, _, _, context, options = struct.unpack("<HHII8sI", head)
        body = client.encapsulated(command, stream.read(size))
        if body is None:
            break
        stream.write(struct.pack("<HHII8sI", command, len(body), handle, 0, context, options) + body)
        stream.flush()
    connection.close()


def discovery():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("", PORT))
        while True:
            message, who = door.recvfrom(600)
            body = Client(who[0]).encapsulated(0x63, b"")
            door.sendto(struct.pack("<HHII8sI", 0x63, len(body), 0, 0, message[12:20], 0) + body, who)


def outputs():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind((sys.argv[1], IO_PORT))
        while True:
            door.recvfrom(600)


for job in (discovery, outputs):
    threading.Thread(target=job, daemon=True).start()
with socket.create_server((sys.argv[1], PORT)) as door:
    while True:
        threading.Thread(target=session, args=(lambda pair: (pair[0], pair[1][0]))(door.accept()), daemon=True).start()
