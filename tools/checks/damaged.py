#!/usr/bin/env python3
"""Damaged captures: cut anywhere, bits flipped in packets and in the file's own headers. The program must say what is wrong and end; a
sanitizer report, a signal or a failed assertion is a failure. damaged.py [FOLDER] takes the captures of another folder."""
import json
import os
import random
import sys

from tap import CAPTURES, Run, Tap, captures

CUTS, FLIPS = (2, 2) if len(sys.argv) > 1 else (3, 5)
LARGEST = 4 << 20

t = Tap()
folder = sys.argv[1] if len(sys.argv) > 1 else CAPTURES
dice = random.Random(20240513)
made = t.dir('damaged')
count = 0


def flip(data, bits):
    data = bytearray(data)
    for _ in range(bits):
        data[dice.randrange(24, len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


for path in captures(folder):
    data = open(path, 'rb').read()
    if not 40 < len(data) <= LARGEST:
        continue
    name = os.path.relpath(path, folder)
    t.write('damaged/%s/whole.pcap' % name, data)
    for i in range(CUTS):
        t.write('damaged/%s/cut-%d.pcap' % (name, i), data[:dice.randrange(1, len(data))])
    for i in range(FLIPS):
        # from a few bits to one in a hundred bytes
        t.write('damaged/%s/flip-%d.pcap' % (name, i), flip(data, 1 + len(data) * i // (100 * FLIPS)))
for label, options in (('logs', ['-l', t.dir('logs')]), ('every event', ['-e', 'on("*", function(e) local s = tostring(e) end)'])):
    r = Run('-q', '-r', made, '--each', *options, timeout=3000)
    lines = [json.loads(line) for line in r.out.split('\n') if line]
    for line in lines:
        error = line['error'] or ''
        t.ok('ended by signal' not in error and 'left no result' not in error, '%s, %s' % (os.path.relpath(line['file'], made), label), error)
    for mark in ('Sanitizer', 'runtime error', 'check failed', 'script_error', '.lua:'):
        at = r.err.find(mark)
        t.ok(at < 0, '%s: no "%s" was reported' % (label, mark), r.err[max(0, at - 200):at + 3000])
    t.ok(r.code in (0, 3) and len(lines) == sum(len(files) for _, _, files in os.walk(made)), '%s: every file has its line' % label, r.said()[:500])
t.finish()
