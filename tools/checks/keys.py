#!/usr/bin/env python3
"""What is said again by a key is like what was said before: in no real capture of ../shared/pcaps does an event differ from an earlier one with
its key in what .whole_keys promises. Captures of one protocol are replayed in one run, where hosts and requests come back."""
import os

from tap import SHARED, Run, Tap

t = Tap()
base = os.path.join(SHARED, 'pcaps')
if not os.path.isdir(base):
    t.skip('keys of real captures', 'there is no ../shared/pcaps')
    t.finish()
out = os.path.join(t.dir('keys'), 'coverage')
for protocol in sorted(os.listdir(base)):
    folder = os.path.join(base, protocol)
    if not os.path.isdir(folder):
        continue
    r = Run('-q', '-r', folder, '--coverage', out, timeout=600)
    untold = [row for row in open(out) if '\tnot told by its key\t' in row] if os.path.exists(out) else [r.said()]
    t.ok(not untold, '%s: keys tell what they promise' % protocol, ''.join(untold[:20]))
    if os.path.exists(out):
        os.unlink(out)
t.finish()
