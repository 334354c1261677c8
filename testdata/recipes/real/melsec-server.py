"""A controller that answers the batch commands of the MELSEC communication protocol, for a real client to talk to.

Usage: melsec-server.py ADDRESS PORT=FRAME/CODE ... with FRAME 1E or 3E and CODE binary or ascii, as an Ethernet module has
it set for each port. Devices from 8000 on do not exist. It knows no more of the protocol than these commands need.
"""

import socket
import sys
import threading

WORDS, BITS, LAST = {}, {}, 8000
SIZE_1E, SIZE_3E = 4, 9  # subheader, PC number, timer; subheader to length


def spell(code, value, size):
    """A number of so many bytes."""
    return b"%0*X" % (2 * size, value) if code == "ascii" else value.to_bytes(size, "little")


class Reader:
    """What a client says, number by number."""

    def __init__(self, connection, code):
        self.file, self.code = connection.makefile("rb"), code

    def take(self, size):
        """So many bytes of the message, twice the characters in ASCII code; nothing at its end."""
        data = self.file.read(size * 2 if self.code == "ascii" else size)
        if not data:
            raise EOFError
        return data

    def number(self, size):
        data = self.take(size)
        return int(data, 16) if self.code == "ascii" else int.from_bytes(data, "little")

    def pair(self):
        """A subheader: two bytes from the high one in both codes."""
        data = self.take(2)
        return int(data, 16) if self.code == "ascii" else int.from_bytes(data, "big")

    def bits(self, points, even):
        """Points of a bit device: a digit each, in binary code two a byte."""
        if self.code == "ascii":
            digits = self.file.read(points + (points % 2 if even else 0))
        else:
            digits = self.file.read((points + 1) // 2).hex().encode()
        return [int(d) for d in digits[:points].decode()]


def spell_bits(code, values, even):
    digits = "".join(str(v) for v in values)
    if code == "ascii":
        return (digits + "0" * (len(digits) % 2 if even else 0)).encode()
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def access(reader, device, head, points, write, bit, even):
    """Reads or writes and returns what the response says."""
    if bit:
        if write:
            for i, value in enumerate(reader.bits(points, even)):
                BITS[device, head + i] = value
            return b""
        return spell_bits(reader.code, [BITS.get((device, head + i), (head + i) % 3 == 0) + 0 for i in range(points)], even)
    if write:
        for i in range(points):
            WORDS[device, head + i] = reader.number(2)
        return b""
    return b"".join(spell(reader.code, WORDS.get((device, head + i), (head + i) * 3 & 0xFFFF), 2) for i in range(points))


def frame_1e(reader):
    """One request of an A compatible 1E frame; its response."""
    code, command = reader.code, reader.number(1)
    reader.take(SIZE_1E - 1)
    if command > 3:
        return spell(code, command | 0x80, 1) + spell(code, 0x50, 1)
    first, second = (2, 4) if code == "ascii" else (4, 2)  # the name comes first in ASCII code
    fields = [reader.number(first), reader.number(second)]
    device, head = fields if code == "ascii" else fields[::-1]
    points = reader.number(1) or 256
    reader.take(1)
    data = access(reader, device, head, points, command > 1, command % 2 == 0, True)
    if head + points > LAST:
        return spell(code, command | 0x80, 1) + spell(code, 0x57, 1)
    return spell(code, command | 0x80, 1) + spell(code, 0, 1) + data


def frame_3e(reader):
    """One request of a 3E frame; its response."""
    code = reader.code
    reader.pair()
    route = reader.take(5)
    reader.number(2)
    reader.number(2)
    command, subcommand = reader.number(2), reader.number(2)
    if code == "ascii":
        device, digits = reader.file.read(2), reader.file.read(6)
        head = int(digits, 16) if device[:1] in b"XYBW" else int(digits) if digits.isdigit() else None
    else:
        head, device = reader.number(3), reader.number(1)
    points = reader.number(2)
    data = access(reader, device, head or 0, points, command == 0x1401, subcommand == 1, False)
    end = spell(code, 0, 2)
    if head is None or head + points > LAST:
        end = spell(code, 0xC050 if head is None else 0xC056, 2)
        data = route + spell(code, command, 2) + spell(code, subcommand, 2)
    subheader = b"D000" if code == "ascii" else b"\xd0\x00"
    return subheader + route + spell(code, len(end + data), 2) + end + data


def serve(address, port, frame, code):
    """Answers one client after the other, for ever."""
    listener = socket.create_server((address, port))
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader = Reader(connection, code)
        try:
            while True:
                connection.sendall(frame_1e(reader) if frame == "1E" else frame_3e(reader))
        except (EOFError, ConnectionError):
            connection.close()


for argument in sys.argv[2:]:
    number, _, how = argument.partition("=")
    threading.Thread(target=serve, args=(sys.argv[1], int(number), *how.split("/"))).start()
