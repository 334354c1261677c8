#!/usr/bin/env python3
"""What is said again by a key is like what was said before. In no real capture of ../shared/pcaps does an event differ from an earlier one with its
key in what .whole_keys promises; captures of one protocol are replayed in one run, where hosts and requests come back. And each log of the test
captures is the same whether the standard scripts hear the events or nobody does."""
import os

from tap import CAPTURES, SHARED, Run, Tap, captures, first_line, tree

SCRIPTS_TELL = ('stats.log', 'conn_delta.log')  # of their own cost; of what is emitted for them


def differing(alone, heard):
    for f in tree(alone):
        a, b = os.path.join(alone, f), os.path.join(heard, f)
        if not f.endswith('.log') or f.endswith(SCRIPTS_TELL):
            continue
        if not os.path.exists(b) or open(a, 'rb').read() != open(b, 'rb').read():
            return first_line(a, b) if os.path.exists(b) else '%s is not there' % f
    return ''


t = Tap()
for path in captures(CAPTURES):
    name = os.path.relpath(path, CAPTURES)
    alone, heard = (t.dir('%s-%s' % (name.replace('/', '+'), how)) for how in ('alone', 'heard'))
    runs = [Run('-q', '-r', path, '-l', alone), Run('-q', '-r', path, '-l', heard, '--state', heard + '.state')]
    t.ok(runs[0].code == runs[1].code and not differing(alone, heard), '%s: heard by scripts' % name, differing(alone, heard) or runs[1].said())
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
