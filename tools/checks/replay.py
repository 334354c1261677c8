#!/usr/bin/env python3
"""Every test capture is replayed twice and the bytes compared: as it is, and with Zeek's rows, a script and JSON. What is logged does not depend
on whether somebody looks at each single event or all are only counted. A capture in which the clock is set back by as much as the demo is long is two of it."""
import os
import re
import sys

from tap import CAPTURES, Run, Tap, captures, differs, first_line, tree

SCRIPT = '''on("*", function(e) print(e) end)'''
MODES = [('default', []), ('zeek', ['--profile', 'zeek']), ('sensor', ['--profile', 'sensor', '--json']), ('script', ['-e', SCRIPT])]

OWN = ('stats.log', 'script_error.log', 'conn_delta.log')  # what a script costs


def counted_as_single(a, b):
    other = [f for f in tree(a) if not f.endswith(OWN) and (f not in tree(b) or open(os.path.join(a, f), 'rb').read() != open(os.path.join(b, f), 'rb').read())]
    return first_line(os.path.join(a, other[0]), os.path.join(b, other[0])) if other else ''


def rows(folder):
    """Of each log, in however many files."""
    n = {}
    for f in tree(folder):
        log = re.sub(r'-\d{8}T\d{6}Z(-\d+)?', '', f)
        n[log] = n.get(log, 0) + sum(not line.startswith(b'#') for line in open(os.path.join(folder, f), 'rb'))
    return n


# Of these no row depends on where a minute begins, nor on a connection that is open when the clock is set back.
SINGLE = 'conn.log', 'dns.log', 'http.log', 'ns.log', 'omron_fins.log', 'p0f.log', 'stats.log', 'weird.log'


def set_back(t, *options):
    demo = os.path.join(CAPTURES, 'demo.pcap')
    data = open(demo, 'rb').read()
    both = t.write('set-back.pcap', data + data[24:])
    once, twice = t.dir('once'), t.dir('set-back' + '-'.join(options))
    Run('-q', '-r', demo, '-l', once)
    r = Run('-q', '-r', both, '-l', twice, *options)
    n, both = rows(once), rows(twice)
    t.equal((r.code, {log: both.get(log) for log in SINGLE}), (0, {log: 2 * n[log] for log in SINGLE}),
            ' '.join(('the demo, and the same times once more',) + options))


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
    why = counted_as_single(*[t.dir('%s-%s-1' % (name.replace('/', '+'), mode)) for mode in ('default', 'script')])
    t.ok(not why, '%s, counted as looked at' % name, why)
states = [t.dir('state-%d' % i) for i in (1, 2)]
for state in states:
    Run('-q', '-r', os.path.join(CAPTURES, 'demo.pcap'), '--state', state)
set_back(t)
set_back(t, '--rotate', '1h')
t.ok(os.path.exists(os.path.join(states[0], 'state.db')) and not differs(*states), 'what is kept of the demo is the same bytes twice', differs(*states))
t.finish()
