"""Asks a name server for names of every type dnsmasq holds, over UDP and TCP, with and without EDNS.

Usage: ask-names.py ADDRESS. Queries are written here by hand: a stub resolver would ask for A and AAAA only.
"""

import socket
import struct
import sys

A, PTR, MX, TXT, AAAA, SRV, ANY = 1, 12, 15, 16, 28, 33, 255
EDNS = b"\0" + struct.pack(">HHIH", 41, 1232, 0, 0)


def query(number, name, kind, edns=False):
    """A recursive query for one name."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    header = struct.pack(">HHHHHH", number, 0x0100, 1, 0, 0, int(edns))
    return header + labels + b"\0" + struct.pack(">HH", kind, 1) + (EDNS if edns else b"")


def main(server):
    """Each query waits for its answer."""
    names = [
        ("historian.plant.example", A), ("historian.plant.example", AAAA), ("trends.plant.example", A),
        ("plant.example", MX), ("plant.example", TXT), ("_opc-tcp._tcp.plant.example", SRV),
        ("21.0.8.10.in-addr.arpa", PTR), ("no-such-host.plant.example", A), ("elsewhere.example", A),
    ]
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(2)
    for number, (name, kind) in enumerate(names * 2):
        udp.sendto(query(0x1000 + number, name, kind, number >= len(names)), (server, 53))
        udp.recv(4096)
    with socket.create_connection((server, 53)) as tcp:
        for number, (name, kind) in enumerate(names):
            message = query(0x2000 + number, name, kind)
            tcp.sendall(struct.pack(">H", len(message)) + message)
            tcp.recv(4096)


main(sys.argv[1])
