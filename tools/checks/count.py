#!/usr/bin/env python3
"""count.py TESTLOG.json - what failed, then how many cases passed, failed and were skipped: one plain line at the end.

Most programs print their cases as TAP (cmocka, busted and our own checks can); `otoscope test` closes with a line like ours. A program that
says nothing is one case, and one that ends badly without naming a failed case is one failure more.
"""
import json
import re
import sys

CASE = re.compile(r'^\s*(not )?ok\b\s*\d*\s*-?\s*(.*)$')
SUM = re.compile(r'^(\d+) passed, (\d+) failed, (\d+) skipped$', re.M)
GOOD = ('OK', 'EXPECTEDFAIL')


def cases(text):
    """(state, line, detail) of every case in TAP output."""
    found = []
    for line in text.split('\n'):
        m = CASE.match(line)
        if m:
            skipped = re.search(r'#\s*SKIP', line, re.I)
            found.append(['skipped' if skipped else 'failed' if m.group(1) else 'passed', m.group(2), []])
        elif found and line.lstrip().startswith('#'):
            found[-1][2].append(line)
    return found


def main():
    total = {'passed': 0, 'failed': 0, 'skipped': 0}
    for entry in map(json.loads, open(sys.argv[1])):
        out, err = entry.get('stdout') or '', entry.get('stderr') or ''
        name = entry['name'].split(' / ')[-1]
        found = cases(out)
        for state, what, detail in found:
            total[state] += 1
            if state == 'failed':
                print('FAILED %s: %s' % (name, what))
                print('\n'.join('    ' + d.lstrip('# ') for d in detail[:30]))
        closing = None if found else SUM.search(out)
        if closing:
            for state, n in zip(('passed', 'failed', 'skipped'), closing.groups()):
                total[state] += int(n)
            if int(closing.group(2)):
                print('FAILED %s\n%s' % (name, out.rstrip()))
            continue
        bad = entry['result'] not in GOOD and entry['result'] != 'SKIP'
        if bad and not any(c[0] == 'failed' for c in found):
            total['failed'] += 1
            print('FAILED %s: %s after %.0f s (exit code %s)' % (name, entry['result'], entry['duration'], entry['returncode']))
            print('\n'.join('    ' + line for line in (out + '\n' + err).rstrip().split('\n')[-40:]))
        elif not found:
            total['skipped' if entry['result'] == 'SKIP' else 'passed'] += 1
    print('%(passed)d passed, %(failed)d failed, %(skipped)d skipped' % total)
    sys.exit(1 if total['failed'] else 0)


main()
