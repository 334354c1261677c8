#!/usr/bin/env python3
"""leave_one_out.py - what was learned and then removed from a list is told of, it alone, and once: tools/checks/leave_one_out.py [CAPTURE...]

A capture is learned whole into the lists. Rows are sampled (seeded by the capture's name) and removed one at a time; the same capture, replayed
against the lists in detecting mode, must then raise one alert of a list: that row's, with a count of one. With nothing removed it raises none.

Without captures: those of testdata, and of the real ones a sample of each industrial protocol.
"""
import csv
import json
import os
import random
import shutil
import sys

from tap import SHARED, Run, Tap, captures

MOST = 20       # rows of a capture that is named
FEW = 3         # rows of each where all are looked at
EACH = 1        # real captures a protocol
BIG = 5000000   # bytes of a capture: more take long
FORGOTTEN = 90 * 86400  # seconds after which the same is told of again: some captures span years
UTC = {'TZ': 'UTC'}
PCAPS = os.path.join(SHARED, 'pcaps')
INDUSTRIAL = (
    'bacnet', 'beckhoff-ads', 'cclink-ie-field-control', 'cclink-ie-tsn-ptp', 'cclink-ie-tsn-slmp', 'cclink-ief-basic', 'codesys', 'dnp3', 'enip-cip',
    'ethercat', 'iec104', 'iec61850-goose', 'iec61850-mms', 'iec61850-sv', 'melsoft', 'mixed-ot', 'modbus', 'omron-fins', 'opcua', 'powerlink',
    'profinet', 's7comm', 's7comm-plus', 'synchrophasor', 'tds-mssql', 'cifs-browser', 'mixed-it',
)


class Failed(Exception):
    """A command that should have worked did not."""


def run(*args):
    r = Run(*args, env=UTC)
    if r.code and 'ends in the middle of a packet' not in r.err or 'Sanitizer' in r.err or 'script error' in r.err:
        raise Failed(' '.join(a for a in args if '/' not in a) + '\n' + r.said())
    return r.out


def ask(*args):
    return [json.loads(line) for line in run(*args, '--json').splitlines()]


def sampled():
    """Real captures: of each industrial protocol some, chosen by a seed."""
    if not os.path.exists(os.path.join(PCAPS, 'CATALOG.tsv')):
        return []
    by_protocol = {}
    for row in csv.DictReader(open(os.path.join(PCAPS, 'CATALOG.tsv')), delimiter='\t', quoting=csv.QUOTE_NONE):
        path = os.path.join(PCAPS, row['file'])
        if row['protocol'] in INDUSTRIAL and int(row['bytes']) < BIG and os.path.exists(path):
            by_protocol.setdefault(row['protocol'], []).append(path)
    found = []
    for protocol, paths in sorted(by_protocol.items()):
        found += random.Random(protocol).sample(sorted(paths), min(EACH, len(paths)))
    return sorted(found)


def told(state, capture, *row):
    """Alerts of lists that the capture raises against them, without this row of that list where one is given."""
    less = ('--list', row[0], '--without', row[1].replace(', ', '\t')) if row else ()
    alerts = ask('learn', 'whatif', *less, '--where', 'list', '--state', state, '-r', capture)
    first = {}
    for a in alerts:
        first.setdefault((a['list'], a['row']), a['first'])
    return [(a['list'], a['row'], a['count']) for a in alerts if not first[a['list'], a['row']] + FORGOTTEN < a['first']]


def is_alone(found, row):
    """One alert, of this row, counted once; of a row with a range of ports one for all that were in it."""
    low, dash, high = row[1].rsplit(', ', 1)[-1].partition('-')
    if not (row[0] == 'ip_communication' and dash):
        return found == [row + (1,)]
    whose, port = found[0][1].split(', ')[:3], found[0][1].rsplit(', ', 1)[-1]
    return len(found) == 1 and found[0][0] == row[0] and whose == row[1].split(', ')[:3] and int(low) <= int(port) <= int(high)


def check(t, capture, most=MOST):
    """Learn, remove, detect."""
    name = os.path.relpath(capture, PCAPS) if capture.startswith(PCAPS) else os.path.basename(capture)
    state = os.path.join(t.scratch, 'state')
    shutil.rmtree(state, ignore_errors=True)
    os.makedirs(state)
    run('learn', 'mode', 'all', 'learning', '--state', state)  # without an end: some captures span years
    run('-q', '-r', capture, '--state', state)
    lists = [r['list'] for r in ask('learn', '--state', state) if r.get('rows')]
    have = [(n, r['row']) for n in lists for r in ask('learn', 'show', n, '--state', state)]
    some = random.Random(name).sample(have, min(most, len(have)))
    wrong = ['nothing removed: %s' % (a,) for a in told(state, capture)]
    for row in some:
        found = told(state, capture, *row)
        if not is_alone(found, row):
            wrong.append('%s, %s removed: %s' % (row + (found,)))
    t.ok(not wrong, '%s: each of %d of %d rows is told of alone and once' % (name, len(some), len(have)), '\n'.join(wrong))
    return len(some), len(wrong)


def main():
    """The captures named, else ours and sampled real ones."""
    t = Tap()
    chosen = sys.argv[1:] or captures() + sampled()
    if not os.path.exists(PCAPS):
        t.skip('real captures', 'they are not here')
    rows = wrong = 0
    for capture in chosen:
        try:
            n, bad = check(t, capture, MOST if sys.argv[1:] else FEW)
            rows, wrong = rows + n, wrong + bad
        except Failed as e:
            t.ok(False, os.path.basename(capture), e)
    print('# %d rows of %d captures removed; %d not told of alone and once' % (rows, len(chosen), wrong))
    t.finish()


if __name__ == '__main__':
    main()
