#!/usr/bin/env python3
"""Every real capture of ../shared/pcaps: the sanitizer build and the release build write the same bytes, and so does a second run."""
import json
import os
import subprocess
import sys

from tap import ROOT, SHARED, Run, Tap, differs

t = Tap()
base = os.path.join(SHARED, 'pcaps')
if not os.path.isdir(base):
    t.skip('real captures', 'there is no ../shared/pcaps')
    t.finish()
built = subprocess.run([os.path.join(ROOT, 'tools', 'build')], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
if not t.ok(built.returncode == 0, 'the release builds', built.stdout.decode()):
    t.finish()
release = os.path.join(ROOT, 'build', 'otoscope')
outs = {name: t.dir(name) for name in ('sanitizer', 'release', 'again')}
runs = {'sanitizer': Run('-q', '-r', base, '--each', '-l', outs['sanitizer'], timeout=3000),
        'release': Run('-q', '-r', base, '--each', '-l', outs['release'], program=release, timeout=3000),
        'again': Run('-q', '-r', base, '--each', '-l', outs['again'], '--jobs', '1', program=release, timeout=3000)}
lines = {name: [json.loads(line) for line in r.out.split('\n') if line] for name, r in runs.items()}
for i, line in enumerate(lines['sanitizer']):
    name = os.path.relpath(line['file'], base)
    why = line['error'] if line['error'] and ('signal' in line['error'] or 'no result' in line['error']) else ''
    for other in ('release', 'again'):
        marker = os.path.join(outs[other], name, 'otoscope.done')
        if os.path.exists(marker):
            os.unlink(marker)
    marker = os.path.join(outs['sanitizer'], name, 'otoscope.done')
    if os.path.exists(marker):
        os.unlink(marker)
    dirs = [os.path.join(outs[n], name) for n in ('sanitizer', 'release', 'again')]
    if not why and os.path.isdir(dirs[0]):
        why = differs(dirs[0], dirs[1]) and 'sanitizer and release: ' + differs(dirs[0], dirs[1])
        why = why or differs(dirs[1], dirs[2]) and 'release twice: ' + differs(dirs[1], dirs[2])
    t.ok(not why, name, why)
for name, r in runs.items():
    for mark in ('Sanitizer', 'runtime error', 'check failed', '.lua:'):
        at = r.err.find(mark)
        t.ok(at < 0, '%s: no "%s" was reported' % (name, mark), r.err[max(0, at - 200):at + 3000])
    t.ok(r.code in (0, 3), '%s: exit code' % name, r.said()[:400])
t.finish()
