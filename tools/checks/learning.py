#!/usr/bin/env python3
"""Learning lists, detections and alerts from the command line: what an owner does with them, on made traffic always and on real captures where
they are present. Each test of a list removes rows of what was learned: exactly these must be told of, once each."""
import csv
import io
import json
import os
import shutil

import leave_one_out
from tap import CAPTURES, ROOT, SHARED, Run, Tap

t = Tap()
UTC = {'TZ': 'UTC'}
PCAPS = os.path.join(SHARED, 'pcaps')
REAL = {
    'PLANT': 'mixed-ot/ITI+ICS-Security-Tools__mb2.pcap',
    'MODTCP': 'modbus/ITI+ICS-Security-Tools__ModbusTCP.pcap',
    'WINOLD': 'cifs-browser/nttcom+zeek-parser-CIFS-COM__test.pcap',
    'S7SNAP': 's7comm/cisagov+icsnpp-s7comm__snap7.pcap',
    'CCF': 'cclink-ie-field-control/nttcom+zeek-parser-CCLinkField-CCLinkControl__cc_link_ief.pcap',
}
LISTS = ('new_terminal', 'ip_communication', 'ot_behaviour', 'ot_behaviour_ethernet')


def made(name):
    return os.path.join(CAPTURES, name + '.pcap')


def real(name):
    return os.path.join(PCAPS, REAL[name])


def run(*args, code=0):
    r = Run(*args, env=UTC)
    if r.code != code or 'Sanitizer' in r.err or 'script error' in r.err:
        t.ok(False, 'exit code %d of: %s' % (code, ' '.join(a for a in args if '/' not in a)), r.said())
    return r


def ask(*args):
    return [json.loads(line) for line in run(*args, '--json').out.splitlines()]


def learned(name, *captures):
    """A state folder that learned these captures."""
    state = t.dir(name)
    for c in captures:
        run('-q', '-r', c, '--state', state)
    return state


def copy(state, name):
    path = os.path.join(t.scratch, name)
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(state, path)
    return path


def whatif(state, capture, *args):
    return ask('learn', 'whatif', *args, '--state', state, '-r', capture)


def rows(state, name):
    return [r['row'] for r in ask('learn', 'show', name, '--state', state)]


# ---------------------------------------------------------------------------- a plant that was made

DEMO = made('demo')
state = learned('demo', DEMO)
lists = {r['list']: r for r in ask('learn', '--state', state)}
t.ok(set(LISTS) <= set(lists), 'the lists are there', lists)
t.equal({lists[n]['mode'] for n in LISTS}, {'learning'}, 'and learn by themselves')
t.ok(all(lists[n]['till'] - lists[n]['since'] == 14 * 86400 for n in LISTS), 'for two weeks')
t.equal([a for a in whatif(state, DEMO) if a.get('list')], [], 'what was learned raises nothing')
for name in ('demo', 'cclink'):
    leave_one_out.check(t, made(name), 5)

# ---------------------------------------------------------------------------- edits

one = copy(state, 'one')
row = '192.168.10.20, 192.168.10.12, modbus, READ_COILS'
run('learn', 'remove', 'ot_behaviour', row, '--who', 'ann', '--why', 'test', '--state', one)
t.equal([r['row'] for r in ask('learn', 'show', 'ot_behaviour', '--removed', '--state', one)], [row], 'a removed row is remembered as removed')
t.equal(len(whatif(one, DEMO, 'ot_behaviour')), 1, 'removed: told of')
run('learn', 'add', 'ot_behaviour', '192.168.10.0/24, *, modbus, READ_*', '--who', 'bob', '--why', 'readers', '--state', one)
t.equal(len(whatif(one, DEMO, 'ot_behaviour')), 0, 'a wider row added: silent')
added = [r for r in ask('learn', 'show', 'ot_behaviour', '--where', 'how == added', '--state', one)]
t.equal([(r['who'], r['why']) for r in added], [('bob', 'readers')], 'rows say who made them and why')
run('learn', 'edit', 'ot_behaviour', '192.168.10.0/24, *, modbus, READ_*', '192.168.10.0/24, *, modbus, WRITE_*', '--state', one)
t.equal(len(whatif(one, DEMO, 'ot_behaviour')), 1, 'edited to cover something else: told of again')
t.contains(run('learn', 'add', 'ot_behaviour', '1, 2', '--state', one, code=2).err, 'has the columns client, server, protocol, func', 'a row of the wrong size')
t.contains(run('learn', 'remove', 'ot_behaviour', 'a, b, c, d', '--state', one, code=2).err, 'has no row a, b, c, d', 'a row that is not there')
t.contains(run('learn', 'show', 'ot_behavior', '--state', one, code=2).err, 'there are ', 'a list that is not there')
t.contains(run('learn', 'mode', 'all', 'detect', '--state', one, code=2).err, 'learning, detecting or off', 'a mode that is not there')

# ---------------------------------------------------------------------------- as text

text = run('learn', 'export', 'ot_behaviour', '--state', state).out
file = t.write('lists.txt', text)
body = [line for line in text.splitlines() if not line.startswith('#')]
t.ok(body == sorted(body, key=lambda x: x[2:].split('\t#')[0].split('\t')) or len(body) == lists['ot_behaviour']['rows'], 'an export has a line a row')
fresh = learned('fresh', made('cotp'))
t.contains(run('learn', 'import', file, '--state', fresh).out, 'ot_behaviour: %d rows' % len(body), 'another site takes it in')
t.equal(run('learn', 'export', 'ot_behaviour', '--state', fresh).out, text, 'and exports the same text')
t.contains(run('learn', 'import', file, '--state', fresh).out, ': 0 rows', 'twice does no harm')
gone = t.write('gone.txt', run('learn', 'export', 'ot_behaviour', '--state', one).out)
ab, ba = run('learn', 'merge', file, gone).out, run('learn', 'merge', gone, file).out
t.equal(ab, ba, 'two exports merge to the same text in either order')
t.ok('-\t' + row.replace(', ', '\t') in ab, 'and a later removal wins')

# ---------------------------------------------------------------------------- alerts

live = copy(state, 'live')
run('learn', 'mode', 'all', 'detecting', '--state', live)
t.equal({r['mode'] for r in ask('learn', '--state', live)}, {'detecting'}, 'all detect')
told_row = '192.168.10.20, 192.168.10.11, modbus, WRITE_SINGLE_REGISTER'
for r in (row, told_row):
    run('learn', 'remove', 'ot_behaviour', r, '--state', live)
os.remove(os.path.join(live, 'captures.tsv'))  # the same traffic, seen again
run('-q', '-r', DEMO, '--state', live, '-l', t.dir('logs'))
alerts = [a for a in ask('alerts', '--state', live) if a['kind'] == 'ot_behaviour']
t.equal(sorted(a['state'] for a in alerts), ['new', 'new'], 'two rows that are missing are two alerts')
t.contains(open(os.path.join(t.scratch, 'logs', 'alerts.log')).read(), 'ot_behaviour', 'and rows of alerts.log')
first = [a for a in alerts if 'READ_COILS' in a['text']][0]
shown = run('alerts', 'show', first['id'], '--state', live).out
for part in ('What it means: ', 'What to do: ', 'Evidence: ot.operation client=192.168.10.20', 'T0855', 'Raised by: learning/ot_behaviour.lua:',
             'Not in the list: ot_behaviour: ' + row, 'uid: '):
    t.contains(shown, part, 'alerts show: ' + part.split(':')[0])
t.contains(run('alerts', 'show', first['id'], 'ja', '--state', live).out, '意味: ', 'in Japanese, too')
preview = run('alerts', 'learn', first['id'], '--row', '192.168.10.20, *, modbus, *', '--preview', '--state', live).out
t.contains(preview, 'silences ', 'a preview shows which other alerts a wider row would silence')
t.equal(len(rows(live, 'ot_behaviour')), lists['ot_behaviour']['rows'] - 2, 'and changes nothing')
run('alerts', 'learn', first['id'], '--who', 'ann', '--state', live)
t.ok(row in rows(live, 'ot_behaviour'), 'learned from the alert')
second = [a for a in alerts if a['id'] != first['id']][0]['id']
run('alerts', 'ack', second, '--who', 'bob', '--comment', 'asking', '--state', live)
run('alerts', 'assign', second, '--owner', 'eve', '--due', '2024-01-01T00:00:00Z', '--state', live)
a = [x for x in ask('alerts', '--state', live) if x['id'] == second][0]
t.equal((a['state'], a['owner'], a['overdue']), ('acknowledged', 'eve', True), 'acknowledged, with owner and due date, overdue')
t.contains(run('alerts', 'show', second, '--state', live).out, 'bob: acknowledged, asking', 'and a history')
os.remove(os.path.join(live, 'captures.tsv'))
run('-q', '-r', DEMO, '--state', live)
again = [x for x in ask('alerts', '--state', live) if x['kind'] == 'ot_behaviour']
t.equal({x['id']: x['state'] for x in again}, {first['id']: 'learned', second: 'acknowledged'}, 'the same traffic again: no new alert')
run('alerts', 'close', second, '--state', live)
os.remove(os.path.join(live, 'captures.tsv'))
run('-q', '-r', DEMO, '--state', live)
states = sorted(x['state'] for x in ask('alerts', '--state', live) if x['kind'] == 'ot_behaviour')
t.equal(states, ['learned', 'new'] if len(states) == 2 else ['closed', 'learned', 'new'], 'closed, and back: a new alert')
undone = copy(live, 'undone')
t.contains(run('alerts', 'unlearn', first['id'], '--who', 'ann', '--state', undone).out, 'taken from ot_behaviour: ' + row, 'unlearned')
t.ok(row not in rows(undone, 'ot_behaviour'), 'the row has left the list')
t.ok(row in {x.get('row') for x in whatif(undone, DEMO)}, 'and is told of again')
t.contains(run('alerts', 'unlearn', first['id'], '--state', undone, code=2).err, 'was not learned', 'what was not learned cannot be')
t.contains(run('alerts', 'show', 'zzz', '--state', live, code=2).err, 'there is no alert zzz', 'an alert that is not there')

kinds = {x['kind'] for x in ask('alerts', '--state', live)}
scan = [x for x in ask('alerts', '--state', live) if x['kind'] == 'port_scan']
t.equal([(x['source'], x['target']) for x in scan], [('192.168.10.99', '192.168.10.11')], 'source and target of a scan are named')
run('alerts', 'exclude', 'port_scan', '192.168.10.99', '--who', 'ann', '--why', 'our scanner', '--state', live)
t.equal([x['kind'] for x in whatif(live, DEMO) if x['kind'] == 'port_scan'], [], 'excluded by source and kind')
t.equal([(x['kind'], x['who']) for x in ask('alerts', 'exclusions', '--state', live)], [('port_scan', 'ann')], 'exclusions are listed')
run('alerts', 'include', 'port_scan', '192.168.10.99', '--state', live)
t.equal(len([x for x in whatif(live, DEMO) if x['kind'] == 'port_scan']), 1, 'and taken back')

# ---------------------------------------------------------------------------- status and settings

found = ask('detections', '--state', live)
names = {r['detection'] for r in found}
EIGHT = {'new_terminal', 'unsupported_os', 'ip_communication', 'ip_volume', 'ip_statistics', 'ot_behaviour', 'ot_behaviour_ethernet'}
t.ok(EIGHT | {'polling', 'values', 'canary'} <= names, 'the status shows all detections', EIGHT - names)
t.ok(all(r['mode'] in ('learning', 'detecting', 'off') for r in found), 'each with its mode')
table = list(csv.reader(io.StringIO(run('detections', '--csv', '--state', live).out)))
t.equal(len(table) - 1, len(found), 'the same on screen, as CSV and as JSON')
run('detections', 'set', 'port_scan', 'many', '1000', '--state', live)
t.equal([x['kind'] for x in whatif(live, DEMO) if x['kind'] == 'port_scan'], [], 'a threshold is a setting')
run('detections', 'set', 'port_scan', 'many', 'default', '--state', live)
run('detections', 'set', 'port_scan', 'on', 'off', '--state', live)
t.equal([r['mode'] for r in ask('detections', '--state', live) if r['detection'] == 'port_scan'], ['off'], 'and a rule can be switched off')
t.contains(run('detections', 'set', 'port_scan', 'meny', '1', '--state', live, code=2).err, 'has the settings many', 'a setting that is not there')

# ---------------------------------------------------------------------------- rules: their size and their tests

folder = os.path.join(ROOT, 'scripts', 'alerts')
files = sorted(f for f in os.listdir(folder) if f.endswith('.lua') and not f.endswith('.test.lua'))
files = [f for f in files if 'require "rule"' in open(os.path.join(folder, f)).read()]
sizes = sorted(len(open(os.path.join(folder, f)).read().splitlines()) for f in files)
t.ok(sizes[len(sizes) // 2] < 15, 'the ready rules: %d, half of them below 15 lines' % len(files), sizes)
wide = [f for f in files if any(len(line.expandtabs(8)) > 100 for line in open(os.path.join(folder, f)).read().splitlines())]
t.equal(wide, [], 'none wider than 100 columns')
t.equal([f for f in files if not os.path.exists(os.path.join(folder, f[:-4] + '.test.lua'))], [], 'each with a test that raises it and a quiet one')

titles = [line.split('|')[1:3] for line in open(os.path.join(folder, 'TITLES.md')) if line.startswith('| ') and not line.startswith('| Alert ')]
t.ok(len(titles) > 110, 'the titles that people know from elsewhere: %d' % len(titles))
unnamed = [title.strip() for title, told in titles if not told.strip().startswith('- ') and not set(told.strip(' `').split('`, `')) <= names]
t.equal(unnamed, [], 'each has a detection, or says why not')

# ---------------------------------------------------------------------------- real captures

for name in sorted(REAL):
    if not os.path.exists(real(name)):
        t.skip('acceptance on %s' % name, 'the real captures are not here')
        REAL.pop(name)

if 'PLANT' in REAL:
    plant = learned('plant', real('PLANT'))
    ips = [r for r in rows(plant, 'new_terminal') if '.' in r]
    t.equal(len(ips), 46, 'PLANT: 38 terminals that talk over IPv4, and 8 that only ARP shows')
    t.equal([a for a in whatif(plant, real('PLANT')) if a.get('list')], [], 'PLANT: what was learned raises nothing')
    leave_one_out.check(t, real('PLANT'), 4)
    ledger = t.write('ledger.csv', 'name,ip\nknown one,%s\n' % ips[-1])
    less = copy(plant, 'less')
    run('learn', 'remove', 'new_terminal', ips[-1], '--state', less)
    if Run('ledger', 'import', ledger, '--state', less, env=UTC).code == 0:
        t.equal([a for a in whatif(less, real('PLANT'), 'new_terminal')], [], 'PLANT: a terminal of the ledger is none that is new')
if 'MODTCP' in REAL:
    mod = learned('mod', real('MODTCP'))
    for row in [r for r in rows(mod, 'ot_behaviour') if r.endswith(('WRITE_MULTIPLE_COILS', 'WRITE_MULTIPLE_REGISTERS'))]:
        run('learn', 'remove', 'ot_behaviour', row, '--state', mod)
    run('learn', 'add', 'ot_behaviour', '*, *, modbus, WRITE_MULTIPLE_COILS', '--why', 'not watched', '--state', mod)
    told = {a['row'].split(', ')[3] for a in whatif(mod, real('MODTCP'), 'ot_behaviour')}
    t.equal(told, {'WRITE_MULTIPLE_REGISTERS'}, 'MODTCP: function 15 is not watched, function 16 is')
if 'WINOLD' in REAL:
    old = learned('old', real('WINOLD'))
    told = [a for a in ask('alerts', '--state', old) if a['kind'] == 'unsupported_os']
    t.equal([a['source'] for a in told], ['192.168.1.35', '192.168.1.37'], 'WINOLD: two systems without support')
    for a, parts in zip(told, (('SNG-WIN2K', '08:00:27:b9:d0:0a', 'Windows 2000'), ('SNG-WINNT4', '08:00:27:fb:de:c8', 'Windows NT 4.0'))):
        t.ok(all(p in a['text'] for p in parts) and a['first'] and a['last'], 'WINOLD: with host name, MAC, system and times', a)
    run('alerts', 'exclude', 'unsupported_os', '192.168.1.35', '--state', old)
    t.equal(['192.168.1.37' in a['text'] for a in whatif(old, real('WINOLD')) if a['kind'] == 'unsupported_os'], [True], 'WINOLD: one excluded, the other told of')
if 'S7SNAP' in REAL:
    s7 = learned('s7', real('S7SNAP'))
    stop = [r for r in rows(s7, 'ot_behaviour') if 'stop' in r.lower()]
    t.equal(len(stop), 1, 'S7SNAP: PLC Stop is one row')
    run('learn', 'remove', 'ot_behaviour', stop[0], '--state', s7)
    told = whatif(s7, real('S7SNAP'), 'ot_behaviour')
    t.equal([a['row'] for a in told], stop, 'S7SNAP: left out, it is one alert')
    t.ok(any(a['kind'] == 'controller_stop' for a in whatif(s7, real('S7SNAP'))), 'S7SNAP: and the rule for stopped controllers tells of it')
    alerts = [a for a in ask('alerts', '--state', s7) if a['kind'] == 'controller_stop']
    run('alerts', 'learn', alerts[0]['id'], '--state', s7)
    t.equal([a for a in whatif(s7, real('S7SNAP')) if a['kind'] == 'controller_stop'], [], 'S7SNAP: learned, the same replay is silent')
if 'CCF' in REAL:
    cc = learned('cc', real('CCF'))
    transient = [r for r in rows(cc, 'ot_behaviour_ethernet') if 'transient1' in r]
    for row in transient:
        run('learn', 'remove', 'ot_behaviour_ethernet', row.replace(', ', '\t'), '--state', cc)
    told = sorted(a['row'] for a in whatif(cc, real('CCF'), 'ot_behaviour_ethernet'))
    t.ok(transient and told == sorted(transient), 'CCF: transient1 left out is told of with both MAC addresses', told)

t.finish()
