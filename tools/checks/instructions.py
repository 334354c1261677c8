#!/usr/bin/env python3
"""What a capture costs in instructions, by callgrind on the release build: the run of a capture less the run of one packet, a number that does not
depend on the machine's load. instructions.tsv keeps it; more than a tenth above or below is a change to look at. --update writes it anew."""
import os
import re
import shutil
import subprocess
import sys

from tap import CAPTURES, ROOT, Tap

KEPT = os.path.join(ROOT, 'tools', 'checks', 'instructions.tsv')
TOLERANCE = 0.10
# Only a capture that is long enough: opening and closing files costs a million instructions more or less.
RUNS = [('demo.pcap', 'decode and flow', ['--analyzers', 'none']),
        ('demo.pcap', 'all analyzers, all logs', ['-l', 'LOGS']),
        ('demo.pcap', 'everything on', ['-l', 'LOGS', '--state', 'STATE']),
        ('demo.pcap', 'and a handler', ['-l', 'LOGS', '-e', 'local n = 0 on("modbus.request", function(e) n = n + e.unit end)'])]

t = Tap()
os.environ.pop('MALLOC_PERTURB_', None)  # meson's, for which malloc fills what it gives: instructions that no other run has


def count(capture, options):
    folders = {'LOGS': t.dir('logs'), 'STATE': os.path.join(t.dir('state'), os.path.basename(capture))}  # a state takes a capture once
    args = [folders.get(o, o) for o in options]
    p = subprocess.run(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', os.path.join(ROOT, 'build', 'otoscope'), '-q', '-r', capture, *args],
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    m = re.search(r'Collected\s*:\s*(\d+)', p.stderr.decode())
    return int(m.group(1)) if m and p.returncode == 0 else 0


def first_packet(capture):
    data = open(capture, 'rb').read()
    size = 24 + 16 + int.from_bytes(data[32:36], 'little')
    return t.write('first.pcap', data[:size])


if not shutil.which('valgrind'):
    t.skip('instructions', 'valgrind is not installed')
    t.finish()
built = subprocess.run([os.path.join(ROOT, 'tools', 'build')], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
if not t.ok(built.returncode == 0, 'the release builds', built.stdout.decode()):
    t.finish()
kept = {}
if os.path.exists(KEPT):
    kept = {(c[0], c[1]): int(c[2]) for c in (line.split('\t') for line in open(KEPT) if not line.startswith('#'))}
found = {}
for name, mode, options in RUNS:
    path = os.path.join(CAPTURES, name)
    found[name, mode] = count(path, options) - count(first_packet(path), options)
    was = kept.get((name, mode), 0)
    if '--update' not in sys.argv:
        t.ok(was and abs(found[name, mode] - was) <= TOLERANCE * was, '%s, %s' % (name, mode),
             '%d instructions, kept %d (%+.1f %%); tools/checks/instructions.py --update when that is meant'
             % (found[name, mode], was, 100 * (found[name, mode] - was) / was if was else 0))
if '--update' in sys.argv:
    with open(KEPT, 'w') as f:
        f.write('# capture\tmode\tinstructions of the release build, start and end left out\n')
        for (name, mode), n in found.items():
            f.write('%s\t%s\t%d\n' % (name, mode, n))
t.finish()
