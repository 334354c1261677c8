#!/usr/bin/env python3
"""Every test capture is replayed twice and the bytes compared: as it is, and with Zeek's rows, a script and JSON."""
import os
import sys

from tap import CAPTURES, Run, Tap, captures, differs

SCRIPT = '''on("*", function(e) print(e) end)'''
MODES = [('default', []), ('zeek', ['--profile', 'zeek']), ('sensor', ['--profile', 'sensor', '--json']), ('script', ['-e', SCRIPT])]

t = Tap()
folder = sys.argv[1] if len(sys.argv) > 1 else CAPTURES
for path in captures(folder):
    name = os.path.relpath(path, folder)
    for mode, options in MODES:
        runs = [Run('-q', '-r', path, '-l', t.dir('%s-%s-%d' % (name.replace('/', '+'), mode, i)), *options) for i in (1, 2)]
        dirs = [t.dir('%s-%s-%d' % (name.replace('/', '+'), mode, i)) for i in (1, 2)]
        why = differs(*dirs) or ('what was printed differs' if runs[0].out != runs[1].out or runs[0].err != runs[1].err.replace(dirs[1], dirs[0]) else '')
        bad = next((r.said() for r in runs if r.code not in (0, 1)), '')
        t.ok(not why and not bad, '%s twice, %s' % (name, mode), why or bad)
t.finish()
