#!/usr/bin/env python3
"""The inventory as people ask it: lists, one asset, what the owner says, his list of devices in every form, on our captures. The features
that it must have, row by row, are in features_1_*.py."""
import csv
import io
import json
import os
import subprocess
import sys

from asking import Asked, by, made
from tap import ROOT, Run, Tap

t = Tap()
ask, rows = Asked(t).ask, Asked(t).rows
DEMO = made('demo')

# ---------------------------------------------------------------- our capture

state = t.dir('state')
r = Run('-q', '-r', DEMO, '--state', state)
t.ok(r.code == 0 and not r.err, 'a capture fills the inventory without an error', r.said())
S = ['--state', state]
truth = json.load(open(DEMO.replace('.pcap', '.truth.json')))

full = rows('inventory', 'full', *S)
ips = by('ip', full)
hosts = {h['ip']: h for h in truth['hosts']} if isinstance(truth.get('hosts'), list) else truth.get('hosts', {})
t.ok(len(full) >= 12, 'all assets are there', full)
wrong = [(ip, h, ips.get(ip)) for ip, h in hosts.items() if ip in ips and h.get('mac') and ips[ip].get('mac', h['mac']) != h['mac']]
t.equal(wrong, [], 'each with its own MAC address')
t.equal((ips['192.168.10.11']['role'], ips['192.168.10.11']['model'], ips['192.168.10.11']['firmware']), ('PLC', 'BMX P34 2020', 'V3.30'),
        'a controller with model and firmware')
t.equal((ips['192.168.10.20']['role'], ips['192.168.10.20']['name']), ('HMI', 'HMI-LINE1'), 'the HMI with its name')
t.ok('mac' not in ips['192.168.20.31'] and ips['192.168.20.31']['via'] == '00:a0:de:db:0f:38',
    'a host beyond the router has not its MAC address')
t.equal(ips['192.168.10.1']['role'], 'router', 'and the router is one')
t.equal([r['id'] for r in full if r['id'].startswith('203.')], [], 'addresses of the internet are no assets of their own')

table = ask('inventory', *S).out.split('\n')
t.equal(table[0].split()[:5], ['ip', 'mac', 'name', 'vendor', 'role'], 'the table has a head')
screen = rows('inventory', *S)
listed = list(csv.reader(io.StringIO(ask('inventory', '--csv', *S).out)))
t.equal([r[0] for r in listed[1:]], [r.get('ip', '') for r in screen], 'CSV has the rows of the screen')
t.equal([r['ip'] for r in rows('inventory', 'full', '--where', 'role = "PLC" and vendor ~ "WAGO"', *S)], ['192.168.10.12'],
    'asked by role and vendor')

page = ask('asset', '192.168.10.11', *S).out
for part in ('192.168.10.11', 'Schneider Electric', 'BMX P34 2020', 'V3.30', 'modbus', '192.168.10.20 HMI-LINE1', 'WRITE_SINGLE_REGISTER',
    'WHAT HAPPENED'):
    t.contains(page, part, 'the page tells ' + part)
t.ok(max(map(len, page.split('\n'))) <= 125 and page.count('\n') < 90, 'a page is a page', page)
t.equal(ask('asset', 'HMI-LINE1', *S).out.split()[0], '192.168.10.20', 'an asset by its name')
t.contains(ask('asset', '10.9.9.9', *S, code=2).err, 'nothing is known of 10.9.9.9', 'an asset that is not there')
t.contains(ask('asset', '192.168.10.11', *S, env={'TZ': 'Asia/Tokyo'}).out, '17:09:59', 'times are those of the plant')

# what the owner says
t.contains(ask('inventory', 'set', '192.168.10.11', 'place', 'Hall 2', *S).out, 'place is Hall 2', 'a place is noted')
t.contains(ask('asset', '192.168.10.11', *S).out, 'place: Hall 2', 'and shown')
t.contains(ask('inventory', 'set', '192.168.10.11', 'plaec', 'x', *S, code=2).err, 'no field plaec', 'a field that is not there')
t.contains(ask('inventory', 'set', '192.168.10.11', 'place', 'x', code=2).err, '--state', 'nothing is noted without a place to keep it')
ask('service', 'name', '44777/tcp', 'RECIPES', *S)
t.ok('RECIPES' in by('service', rows('view', 'services', *S)), 'a port has the name that its owner gave')
t.ok('RECIPES' in by('what', rows('view', 'ranking', 'services', *S)), 'in rankings, too')
ask('service', 'name', '44777/tcp', *S)
t.ok('44777/tcp' in by('service', rows('view', 'services', *S)), 'and loses it again')
ask('inventory', 'merge', '192.168.10.13', '192.168.10.14', *S)
t.equal(by('ip', rows('inventory', 'full', *S))['192.168.10.13']['addresses'], ['192.168.10.13', '192.168.10.14'], 'two are merged by hand')
ask('inventory', 'split', '00:00:0a:dd:07:9a', *S)
t.ok('192.168.10.14' in by('ip', rows('inventory', 'full', *S)), 'and split again')
ask('inventory', 'split', '192.168.10.14', *S)
t.equal(by('ip', rows('inventory', 'full', *S))['192.168.10.14']['id'], '192.168.10.14', 'an address is taken out by hand')
ask('inventory', 'split', '192.168.10.14', *S)
ask('inventory', 'note', 'maintenance', '2024-05-13 08:05', *S)
history = rows('view', 'history', *S)
t.ok([r for r in history if r.get('what') == 'maintenance' and r['time'] == 1715587500] if history else False,
    'an event of the owner in the timeline', history)

# the ledger
book = [[h['ip'], h.get('mac', ''), 'device %d' % i] for i, h in enumerate(sorted(full, key=lambda r: r['id'])) if 'ip' in h and 'mac' in h]
left, inside = book[:3], book[3:]
text = '資産台帳\r\n\r\n機器名,MACアドレス,IPアドレス,設置場所,備考,棟\r\n' + ''.join(
    '"%s, ""x""",%s,%s,第1ライン,=cmd,A\r\n' % (name, mac.upper().replace(':', '-'), ip) for ip, mac,
        name in inside) + 'ghost,00-00-00-11-22-33,192.168.10.250,,,\r\n'
for code_page in ('utf-8-sig', 'cp932'):
    answer = ask('ledger', 'import', t.write('ledger.csv', text.encode(code_page)), *S).out
    t.contains(answer, '%d devices taken up' % (len(inside) + 1), 'a list in %s is taken up' % code_page)
t.contains(answer, '棟', 'a column of unknown meaning is kept')
ledger = rows('ledger', *S)
t.equal(sorted(r['ip'] for r in ledger if r['state'] == 'matched'), sorted(b[0] for b in inside), 'who is in both')
t.ok({b[0] for b in left} <= {r.get('ip') for r in ledger if r['state'] == 'not in ledger'}, 'who is not in the list')
t.equal([r['ip'] for r in ledger if r['state'] == 'never seen'], ['192.168.10.250'], 'who was never seen')
t.contains(ask('asset', inside[0][0], *S).out, '設置場所: 第1ライン', 'what the list says appears with the asset')
t.contains(ask('asset', inside[0][0], *S).out, 'device', 'its name, too')
t.contains(ask('ledger', 'import', t.write('bad.csv', 'a,b\n1,2\n'), *S, code=2).err, 'no column is called MAC',
    'a list without addresses is refused')
exported = t.write('export.csv', ask('ledger', 'export', '--csv', *S).out)
ask('ledger', 'import', exported, *S)
again = rows('ledger', *S)
t.equal([r['state'] for r in again if r.get('ip') in {b[0] for b in book}], ['matched'] * len(book),
    'an exported list matches all when it comes back')
LEDGER = os.path.join(ROOT, 'tools', 'ledger')
pythons = [p for p in (sys.executable, '/usr/bin/python3') if subprocess.run([p, '-c', 'import openpyxl'], capture_output=True).returncode == 0]
if pythons:
    book_file = os.path.join(t.scratch, 'ledger.xlsx')
    subprocess.run([pythons[0], LEDGER, '--write', book_file], stdin=open(exported))
    back = subprocess.run([pythons[0], LEDGER, book_file], capture_output=True, text=True).stdout
    t.equal(list(csv.reader(io.StringIO(back))), list(csv.reader(open(exported))), 'a workbook and back')
    wrong = subprocess.run([pythons[0], LEDGER, DEMO], capture_output=True, text=True)
    t.ok(wrong.returncode == 1 and 'Traceback' not in wrong.stderr, 'what is no workbook is said', wrong.stderr)
else:
    t.skip('a workbook and back', 'openpyxl is not here')
fresh = t.dir('known')
ask('ledger', 'import', exported, '--state', fresh)
told = Run('-q', '-r', DEMO, '--state', fresh, '-e',
    'on("asset.new", "not in_ledger", function(e) if not e.sub then print(e.id) end end)').out.split()
t.equal([i for i in told if i in {b[1] for b in book}], [], 'what is in the list is not news')
ask('ledger', 'clear', *S)

# limits, forgetting
small = t.dir('small')
ask('inventory', 'setting', 'terminal_limit', '5', '--state', small)
Run('-q', '-r', DEMO, '--state', small)
t.equal(len(rows('inventory', 'full', '--where', 'role != internet', '--state', small)), 5, 'a limit of five terminals holds')
t.contains(ask('view', 'messages', '--state', small).out, 'The limit of 5 terminals is reached', 'and is told')
ask('inventory', 'forget', '2024-05-13', *S)
empty = [v for v in ('map', 'traffic', 'services', 'ot ip', 'ranking') if rows('view', *v.split(), *S)]
t.equal((empty, rows('inventory', *S)), ([], []), 'a day that is forgotten is in no view')

# process and programs
BLOCKS = made('s7comm')
programs = rows('view', 'programs', '-r', BLOCKS)
t.ok({'upload', 'download', 'delete', 'insert'} <= {p['direction'] for p in programs}
    and any(len(p.get('sha256', '')) == 64 for p in programs),
     'programs that went in and out, with their hash', programs)
process = [p for p in rows('view', 'process', '192.168.10.11', '-r', DEMO) if p['target'] == 'holding_register:10']
t.ok(process and process[0]['op'] == 'write' and process[0]['least'] and '192.168.10.20' in process[0]['clients'],
    'a register: by whom, in which range', process)

# a page and lists of every shipped capture, without an error
for capture in ('enip', 's7comm', 'melsec', 'cclink', 'link', 'arp-nd', 'it-datagrams', 'real-snap7'):
    path = made(capture)
    found = rows('inventory', 'full', '-r', path)
    t.ok(found, 'an inventory of ' + capture)
    ask('asset', found[0]['id'], '-r', path)

t.finish()
