#!/usr/bin/env python3
"""Features, section 1.6: the owner's ledger beside what was seen. On a capture of ours always, on the public capture of a plant where it is."""
import csv
import io

from asking import Asked, by, made, of_capture, real
from tap import Run, Tap

t = Tap()
# how many of the terminals with IP stand in the list, and how many do not
PLANTS = [('star', made('star'), 15, 5), ('PLANT', real('__mb2.pcap'), 30, 8)]
FIGURE = 'name,MAC,IPv4,IPv6,host name,sensor,device type,place,detail,OS,note\n'


def ledger_of(name, terminals, n):
    """The first N terminals, found by MAC and by IP in turn, and one that is not in the traffic."""
    rows = ['device %d,%s,%s,,,S1,PLC,Hall %d,line %d,,"note, %d"' % (i, r['mac'].upper() if i % 2 else '', '' if i % 2 else r['ip'], i % 3, i, i)
        for i, r in enumerate(terminals[:n])]
    return t.write(name + '.csv', '\ufeff' + FIGURE + '\r\n'.join(rows + ['ghost,02:00:00:00:00:01,10.255.9.9,,,,,,,,']) + '\r\n')


for name, path, listed, rest in PLANTS:
    if not path:
        t.skip('1.6 ledger (%s)' % name, 'the public captures are not here')
        continue
    label = ' (%s)' % name
    terminals = [r for r in Asked(t, '-r', path).rows('inventory', 'full') if r.get('spoke_ip')]
    ips = {r['ip'] for r in terminals}
    book = ledger_of(name, terminals, listed)
    asked = of_capture(t, path, name, ('ledger', 'import', book))

    row = '1.6 ledger linkage'
    compared = asked.rows('ledger')
    counts = [len([r for r in compared if r['state'] == s and (s == 'never seen' or r.get('ip') in ips)])
        for s in ('matched', 'not in ledger', 'never seen')]
    t.equal(counts, [listed, rest, 1], row + ': matched, not in ledger, never seen' + label)
    t.equal({r['by'] for r in compared if r['state'] == 'matched'}, {'MAC', 'IP'}, row + ': by MAC, then by IP' + label)
    t.equal([r['name'] for r in compared if r['state'] == 'never seen'], ['ghost'], row + ': what the list has alone' + label)
    everybody = [r for r in asked.rows('inventory', 'full') if r.get('spoke_ip')]
    t.equal(sorted({(r['ledger'].split()[0], r['ip'] in {x['ip'] for x in terminals[:listed]}) for r in everybody}),
        [('matched', True), ('not', False)], row + ': the list of assets says it of each' + label)

    row = '1.6 fields that traffic cannot give'
    page = asked.ask('asset', terminals[1]['ip']).out
    for part in ('Hall 1', 'note, 1', 'device 1'):
        t.contains(page, part, '%s: "%s" stands with the terminal%s' % (row, part, label))
    t.equal(by('ip', everybody)[terminals[2]['ip']]['place'], 'Hall 2', row + ': the place is a column' + label)

    row = '1.6 ledger assets are excluded from alerts'
    code = 'on("asset.new", "not in_ledger", function(e) if not e.sub then print(e.mac) end end)'
    fresh = t.dir(name + '-fresh')
    Asked(t, '--state', fresh).ask('ledger', 'import', book)
    news = Run('-q', '-r', path, '--state', fresh, '-e', code).out.split()
    t.equal({m for m in news if m in {r['mac'] for r in terminals}}, {r['mac'] for r in terminals[listed:]},
        row + ': only who is not in the list is new' + label)

    # the list of terminals learns all, forgets one, and sees it again
    for state in ('without the list', 'with the list'):
        there = of_capture(t, path, '%s %s' % (name, state), *([('ledger', 'import', book)] if state == 'with the list' else []))
        there.ask('learn', 'remove', 'new_terminal', terminals[1]['ip'])
        there.ask('learn', 'remove', 'new_terminal', terminals[1]['mac'], code=None)
        again = there.rows('learn', 'whatif', 'new_terminal', '-r', path)
        t.equal(len(again) > 0, state == 'without the list', '%s: a removed terminal is told of %s%s' % (row, state, label))

    row = '1.6 export'
    exported = list(csv.DictReader(io.StringIO(asked.ask('ledger', 'export', '--csv').out)))
    t.equal(sorted({r['state'] for r in exported}), ['matched', 'never seen', 'not in ledger'], row + ': all three kinds' + label)
    t.equal({r['name'] for r in exported if r['state'] != 'not in ledger'}, {'device %d' % i for i in range(listed)} | {'ghost'},
        row + ': the words of the list come back' + label)
    back = of_capture(t, path, name + '-back', ('ledger', 'import', t.write(name + '-export.csv', asked.ask('ledger', 'export', '--csv').out)))
    t.equal({r['state'] for r in back.rows('ledger') if r.get('ip') in ips}, {'matched'}, row + ': and is taken up again, with all matched' + label)

t.finish()
