#!/usr/bin/env python3
"""The inventory as people ask it: lists, one asset, periods, the owner's list, every view. On our captures always; on public captures of
plants and of old Windows stations where they are, with numbers that tshark counts."""
import csv
import glob
import io
import json
import os
import shutil
import subprocess
import sys

from tap import CAPTURES, ROOT, SHARED, Run, Tap

t = Tap()
UTC = {'TZ': 'UTC'}
DEMO = os.path.join(CAPTURES, 'demo.pcap')


def real(*names):
    """The first capture of this name below ../shared, or None."""
    for name in names:
        for path in glob.glob(os.path.join(SHARED, 'pcaps', '*', '*' + name)):
            return path
    return None


def ask(*args, code=0, env=None):
    r = Run(*args, env=env or UTC)
    if r.code != code or 'script error' in r.err or 'Sanitizer' in r.err:
        t.ok(False, 'asked: ' + ' '.join(os.path.basename(a) for a in args), r.said())
    return r


def rows(*args):
    return [json.loads(line) for line in ask(*args, '--json').out.splitlines()]


def by(key, some):
    return {r.get(key): r for r in some}


def tshark(path, *args):
    if not shutil.which('tshark'):
        return None
    return subprocess.run(['tshark', '-n', '-r', path, *args], capture_output=True, text=True, timeout=120).stdout


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
BLOCKS = os.path.join(CAPTURES, 's7comm.pcap')
programs = rows('view', 'programs', '-r', BLOCKS)
t.ok({'upload', 'download', 'delete', 'insert'} <= {p['direction'] for p in programs}
    and any(len(p.get('sha256', '')) == 64 for p in programs),
     'programs that went in and out, with their hash', programs)
process = [p for p in rows('view', 'process', '192.168.10.11', '-r', DEMO) if p['target'] == 'holding_register:10']
t.ok(process and process[0]['op'] == 'write' and process[0]['least'] and '192.168.10.20' in process[0]['clients'],
    'a register: by whom, in which range', process)

# a page and lists of every shipped capture, without an error
for capture in ('enip', 's7comm', 'melsec', 'cclink', 'link', 'arp-nd', 'it-datagrams', 'real-snap7'):
    path = glob.glob(os.path.join(CAPTURES, capture + '.pcap*'))[0]
    found = rows('inventory', 'full', '-r', path)
    t.ok(found, 'an inventory of ' + capture)
    ask('asset', found[0]['id'], '-r', path)

# ---------------------------------------------------------------- public captures

PLANT = real('__mb2.pcap')
if not PLANT:
    t.skip('a plant', 'the public captures are not here')
else:
    full = rows('inventory', 'full', '-r', PLANT)
    t.equal((len(full), len([r for r in full if r.get('spoke_ip')])), (52, 38), 'plant: 38 terminals with IP, 52 stations')
    t.ok(any('ip' not in r and r['mac'] == '00:1b:1b:02:e6:1f' for r in full), 'plant: a switch known by its MAC address alone')
    servers = {r['ip'] for r in rows('view', 'terminals', '--kind', 'server', '--within', 'OT', '-r', PLANT)}
    controllers = {line for line in (tshark(PLANT, '-Y', '(tcp.srcport==102 || tcp.srcport==502 || tcp.srcport==44818) && tcp.len > 0',
        '-T', 'fields', '-e',
                                            'ip.src') or '\n'.join(servers)).split()}
    t.ok(controllers and controllers <= servers, 'plant: controllers are servers, though their handshakes were not seen',
        sorted(controllers - servers))
    terminal = rows('view', 'terminal', '141.81.0.10', '-r', PLANT)
    t.equal(len([r for r in terminal if r['section'] == 'peer' and r['packets'] and r['value'] not in ('', None)]), 37,
        'plant: one terminal, 37 peers')
    vendors = {(c['row'], c['column']): c['value'] for c in rows('view', 'matrix', 'vendor', '-r', PLANT) if c['network'] == '141.81.0'}
    t.ok(all(vendors.get((int(r['ip'].split('.')[3]) // 16, int(r['ip'].split('.')[3]) % 16)) not in (None,
        'unknown') for r in full if r.get('spoke_ip')),
         'plant: 38 cells of the matrix with a maker', vendors)
    lines = rows('view', 'map', '--layer', 'ip', '-r', PLANT)
    t.equal((len(lines), all('141.81.0.10' in (r['from_ip'], r['to_ip']) for r in lines)), (37, True), 'plant: a star of 37 lines')
    only = rows('view', 'map', '--service', 'modbus', '-r', PLANT)
    t.ok(only and all(r['services'] == ['modbus'] for r in only) and len(only) < 37, 'plant: the map of one service')
    t.equal([r['what'] for r in rows('view', 'ranking', 'traffic', '--limit', '5', '-r', PLANT)],
            ['141.81.0.10', '141.81.0.146', '141.81.0.166', '141.81.0.11', '141.81.0.23'], 'plant: who leads by packets')
    t.equal([r['what'] for r in rows('view', 'ranking', 'peers', '-r', PLANT)][0], '141.81.0.10', 'plant: who leads by peers')
    makers = rows('view', 'ranking', 'vendors', '-r', PLANT)
    t.equal((sum(r['value'] for r in makers), sum(len(r['members']) for r in makers)), (52, 52),
        'plant: makers add up to all MAC addresses')
    services = by('what', rows('view', 'ranking', 'service-terminals', '-r', PLANT))
    t.equal((services['modbus']['value'], services['s7comm']['value'], services['cip']['value']), (14, 13, 5),
        'plant: terminals of each OT protocol')
    ot = {r['protocol'] for r in rows('view', 'ot', 'ip', '-r', PLANT)}
    t.ok({'modbus', 's7comm', 'cip'} <= ot, 'plant: OT over IP', ot)
    t.ok(any(r['protocol'] == 'profinet' for r in rows('view', 'ot', 'ethernet', '-r', PLANT)), 'plant: OT without IP')
    sensor = {r['topic']: r['result'] for r in rows('view', 'sensor', '-r', PLANT)}
    t.ok('unicast' in sensor['mirror port'] and '141.81.0.0/24' in sensor['networks'] and sensor['VLANs'] == 'no VLAN tags' and
         'mid-stream' in sensor['TCP sessions'], 'plant: what the sensor sees', sensor)
    difference = rows('inventory', 'diff', '--old=+0s..+10s', '--new=-10s..', '-r', PLANT)

    def seen(field, begin, end):
        # the last ten seconds begin ten seconds before the last packet
        out = tshark(PLANT, '-Y', 'frame.time_relative >= %f && frame.time_relative < %f' % (begin, end), '-T', 'fields', '-e', field)
        return set(out.split()) if out is not None else None

    if shutil.which('tshark'):
        old, new = seen('eth.src', 0, 10), seen('eth.src', 11.328586, 99)
        t.equal(({r['mac'] for r in difference if r['what'] == 'asset' and r['change'] == 'added'},
                 {r['mac'] for r in difference if r['what'] == 'asset' and r['change'] == 'removed'}), (new - old, old - new),
                'plant: terminals that came and went, as tshark counts them')
    members = [r for r in full if r.get('spoke_ip')]
    text = 'name,MAC,IPv4\n' + ''.join('d%d,%s,%s\n' % (i, r['mac'] if i % 2 else '', r['ip']) for i, r in enumerate(members[:30]))
    book = t.dir('plant')
    ask('ledger', 'import', t.write('plant.csv', text + 'ghost,02:00:00:00:00:01,141.81.9.9\n'), '--state', book)
    Run('-q', '-r', PLANT, '--state', book)
    ledger = rows('ledger', '--state', book)
    t.equal([len([r for r in ledger if r['state'] == s and (s == 'never seen' or r.get('ip') in {m['ip'] for m in members})])
             for s in ('matched', 'not in ledger', 'never seen')], [30, 8, 1], 'plant: 30 matched, 8 not in the list, one never seen')
    limited = t.dir('limited')
    ask('inventory', 'setting', 'terminal_limit', '10', '--state', limited)
    r = Run('-q', '-r', PLANT, '--state', limited)
    t.equal((r.code, len(rows('inventory', '--state', limited))), (0, 10), 'plant: a limit of ten holds')
    t.contains(ask('view', 'messages', '--state', limited).out, 'The limit of 10', 'plant: and is told')
    quiet = os.path.join(t.dir('cut'), 'broadcast.pcap')
    if shutil.which('tshark'):
        tshark(PLANT, '-Y', 'eth.dst.ig == 1', '-w', quiet)
        found = rows('inventory', 'full', '-r', quiet)
        t.ok(len(found) > 15, 'plant: broadcast alone fills an inventory', len(found))
        t.contains(by('topic', rows('view', 'sensor', '-r', quiet))['mirror port']['result'], 'broadcast only',
            'plant: and the page says so')

POLLED = real('__ModbusTCP.pcap')
if POLLED:
    full = by('ip', rows('inventory', 'full', '-r', POLLED))
    t.equal((full['141.81.0.10']['kind'], full['141.81.0.10']['role'], {r['role'] for ip, r in full.items() if ip != '141.81.0.10'}),
            ('client', 'HMI', {'PLC'}), 'polled controllers: servers and PLCs; the poller: client and HMI')
    size = sum(int(x) for x in (tshark(POLLED, '-T', 'fields', '-e', 'frame.len') or '1232392').split())
    total = rows('view', 'traffic', '--service', 'total', '-r', POLLED)
    t.equal(sum(r['bytes'] for r in total), size, 'traffic over time adds up to the bytes of the file')
    first = rows('view', 'ranking', 'importance', '-r', POLLED)
    t.ok(first[0]['what'] == '141.81.0.10' and first[0]['value'] > first[1]['value'] and '= %d' % first[0]['value'] in first[0]['detail'],
         'the poller matters more than any controller, and the formula says why', first[:2])
    t.ok(any(r['group'] == 'polling' for r in rows('view', 'groups', '-r', POLLED)), 'cycles are groups')

OLD = real('zeek-parser-CIFS-COM__test.pcap')
if OLD:
    cells = by('ip', rows('view', 'matrix', 'os', '-r', OLD))
    t.equal([cells[ip]['value'] for ip in ('192.168.1.35', '192.168.1.37')], ['Windows 2000', 'Windows NT 4.0'],
        'old stations by their announcements')
    t.ok(all(cells[ip]['confidence'] >= 80 for ip in ('192.168.1.35', '192.168.1.37')), 'with more confidence than a fingerprint has',
        cells)

t.finish()
