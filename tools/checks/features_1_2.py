#!/usr/bin/env python3
"""Features, section 1.2: assets and the network as people see them, row by row. Every row is a function here; it is asked of a capture of
ours (star.pcap and its kind) always, and of the public capture that the row names where it is. Expected numbers stand in the tables; where
tshark is installed it counts them again."""
import csv
import io
import os

from asking import Asked, by, made, of_capture, real, tshark
from tap import Tap

t = Tap()

# What is in the captures of a star: one poller, controllers joined in the middle, stations without IP.
STARS = [
    {'name': 'star', 'path': made('star'), 'poller': '10.20.0.10', 'terminals': 20, 'stations': 23, 'edges': 19, 'network': '10.20.0',
        'switch': None, 'only_arp': 0, 'speaks': {'modbus': 7, 's7comm': 6, 'cip': 5}, 'tcp': 908, 'leads': 5, 'ot': {'modbus', 's7comm', 'cip'}},
    # the /24 has five more cells, of stations that only asked by ARP; three more use 142.81.0.0/24
    {'name': 'PLANT', 'path': real('__mb2.pcap'), 'poller': '141.81.0.10', 'terminals': 38, 'stations': 52, 'edges': 37, 'network': '141.81.0',
        'switch': '00:1b:1b:02:e6:1f', 'only_arp': 5, 'speaks': {'modbus': 14, 's7comm': 13, 'cip': 5}, 'tcp': 13393, 'ot': {'modbus', 's7comm', 'cip'},
        'leads': ['141.81.0.10', '141.81.0.146', '141.81.0.166', '141.81.0.11', '141.81.0.23']},
]
PORTS = {'modbus': 502, 's7comm': 102, 'cip': 44818}


class Case:
    """A capture that is looked at, and how its cases are called."""

    def __init__(self, known):
        self.known, self.label = known, known['name']
        self.asked = of_capture(t, known['path'], known['name'])
        self.rows, self.ask = self.asked.rows, self.asked.ask
        self.full = self.rows('inventory', 'full')
        self.terminals = [r for r in self.full if r.get('spoke_ip')]
        self.packets = self.count()

    def count(self):
        """Of every frame: time from the first, MAC addresses, IP addresses, octets of IP, layers, ports. None without tshark."""
        fields = ('frame.time_relative', 'eth.src', 'eth.dst', 'ip.src', 'ip.dst', 'ip.len', 'frame.protocols', 'tcp.srcport', 'tcp.dstport')
        out = tshark(self.known['path'], '-E', 'occurrence=f', '-T', 'fields', *(x for f in fields for x in ('-e', f)))
        return None if out is None else [dict(zip(fields, line.split('\t'))) for line in out.split('\n') if line]

    def equal(self, row, what, got, expected):
        t.equal(got, expected, '%s: %s (%s)' % (row, what, self.label))

    def ok(self, row, what, good, why=''):
        t.ok(good, '%s: %s (%s)' % (row, what, self.label), why)

    def recounted(self, row, what, count, expected):
        """tshark agrees with what the table says."""
        if self.packets is None:
            t.skip('%s: %s (%s)' % (row, what, self.label), 'tshark is not here')
        else:
            self.equal(row, what + ', says tshark', count(self.packets), expected)


def pair(p):
    return frozenset((p['ip.src'], p['ip.dst']))


# ---------------------------------------------------------------- 1 terminals


def terminal_list(c):
    row = '1.2 1-1 terminal list'
    c.equal(row, 'terminals with IP, and all stations', (len(c.terminals), len(c.full)), (c.known['terminals'], c.known['stations']))
    c.recounted(row, 'addresses that send IP', lambda ps: len({p['ip.src'] for p in ps if p['ip.src'] != '0.0.0.0'} - {''}), c.known['terminals'])
    c.recounted(row, 'MAC addresses that send', lambda ps: len({p['eth.src'] for p in ps}), c.known['stations'])
    switch = c.known['switch']
    lldp = [r for r in c.full if 'ip' not in r and (not switch or r['mac'] == switch) and 'Siemens' in r.get('vendor', '')]
    c.ok(row, 'a switch that is known by its MAC address alone', lldp, c.full)
    screen = c.rows('inventory')
    listed = list(csv.reader(io.StringIO(c.ask('inventory', '--csv').out)))
    c.equal(row, 'CSV has the rows of the screen', [[r[0], r[1]] for r in listed[1:]], [[r.get('ip', ''), r.get('mac', '')] for r in screen])


def searched(c):
    row = '1.2 1-2 list by kind'
    servers = {r['ip'] for r in c.rows('view', 'terminals', '--kind', 'server', '--within', 'OT')} - {c.known['poller']}
    c.recounted(row, 'controllers are servers, though few handshakes were seen',
        lambda ps: {p['ip.src'] for p in ps if p['tcp.srcport'] in map(str, PORTS.values()) and int(p['ip.len']) > 60} - servers, set())
    c.equal(row, 'controllers that are servers', len(servers), sum(n - 1 for n in c.known['speaks'].values()))
    resolving = {r['ip'] for r in c.rows('view', 'terminals', '--within', 'name resolution')}
    c.recounted(row, 'name resolution: who is seen in DNS or NetBIOS names',
        lambda ps: {p['ip.src'] for p in ps if p['frame.protocols'].split(':')[-1] in ('dns', 'nbns', 'mdns', 'llmnr')}, resolving)
    kinds = [len(c.rows('view', 'terminals', '--within', kind)) for kind in ('IP traffic', 'Ethernet')]
    c.equal(row, 'with IP and without', kinds, [c.known['terminals'], c.known['stations'] - c.known['terminals']])


def detail(c):
    row = '1.2 1-3 terminal detail'
    poller = c.known['poller']
    peers = [r for r in c.rows('view', 'terminal', poller) if r['section'] == 'peer']
    speaking = [r for r in peers if r['packets'] and r['bytes'] and r['services']]
    c.equal(row, 'the poller shows every other terminal, with service and bytes', (len(peers), len(speaking)), (c.known['edges'],) * 2)
    head = by('name', [r for r in c.rows('view', 'terminal', poller) if r['section'] == 'terminal'])
    c.equal(row, 'number of peers and role', (head['peers']['value'], head['role']['value']), (str(c.known['edges']), 'HMI'))
    book = 'name,MAC,IPv4,IPv6,place,OS,type,note\nPoller 1,%s,%s,fe80::10,Hall 2,Windows,HMI,beside the oven\n' % (
        by('ip', c.full)[poller]['mac'], poller)
    c.ask('ledger', 'import', t.write('%s.csv' % c.label, book))
    said = [(r['name'], r['value']) for r in c.rows('view', 'terminal', poller) if r['section'] == 'ledger']
    c.equal(row, 'what the ledger says of it', said, [('name', 'Poller 1'), ('MAC', by('ip', c.full)[poller]['mac']), ('IPv4', poller),
        ('IPv6', 'fe80::10'), ('place', 'Hall 2'), ('OS', 'Windows'), ('type', 'HMI'), ('note', 'beside the oven')])
    c.ask('ledger', 'clear')


def vendor_matrix(c):
    row = '1.2 1-4 vendor matrix'
    cells = [x for x in c.rows('view', 'matrix', 'vendor') if x['network'] == c.known['network']]
    vendors = {(x['row'], x['column']): x['value'] for x in cells}
    c.equal(row, 'a cell each, and those of stations that only asked by ARP', len(cells), c.known['terminals'] + c.known['only_arp'])
    wrong = [r['ip'] for r in c.terminals if vendors.get(divmod(int(r['ip'].split('.')[3]), 16)) != r['mac_vendor']]
    c.equal(row, 'every terminal with IP has the maker of its MAC address in its cell', wrong, [])


def role_matrix(c):
    row = '1.2 1-6 role matrix'
    cells = by('ip', c.rows('view', 'matrix', 'role'))
    c.equal(row, 'the poller is an HMI', cells[c.known['poller']]['value'], 'HMI')
    controllers = {r['ip'] for r in c.rows('view', 'terminals', '--kind', 'server', '--within', 'OT')} - {c.known['poller']}
    c.equal(row, 'what it polls are PLCs', {cells[ip]['value'] for ip in controllers}, {'PLC'})


# ---------------------------------------------------------------- 2 maps, 3 traffic


def terminal_map(c):
    row = '1.2 2-1 network map of terminals'
    lines, nodes = c.rows('view', 'map', '--layer', 'ip'), c.rows('view', 'map', 'nodes', '--layer', 'ip')
    poller = c.known['poller']
    c.equal(row, 'nodes and edges', (len(nodes), len(lines)), (c.known['terminals'], c.known['edges']))
    c.equal(row, 'a star round the poller', [x for x in lines if poller not in (x.get('from_ip'), x.get('to_ip'))], [])
    sent = {r['ip'] for r in c.terminals}
    c.recounted(row, 'pairs of terminals that exchange IP', lambda ps: len({pair(p) for p in ps if pair(p) <= sent}), c.known['edges'])
    below = c.rows('view', 'map', 'nodes', '--layer', 'ethernet')
    c.equal(row, 'stations known by LLDP and ARP alone in the layer below', len(below), c.known['stations'] - c.known['terminals'])


def service_map(c):
    row = '1.2 2-2 network map of a service'
    for service, speakers in c.known['speaks'].items():
        lines = c.rows('view', 'map', '--service', service, '--layer', 'ip')
        c.equal(row, '%s alone' % service, (len(lines), {tuple(x['services']) for x in lines}), (speakers - 1, {(service,)}))


def traffic(c):
    row = '1.2 3-1 traffic over time'
    total = c.rows('view', 'traffic', '--service', 'total')
    size = sum(int(x) for x in (tshark(c.known['path'], '-T', 'fields', '-e', 'frame.len') or '').split())
    if size:
        c.equal(row, 'intervals add up to the octets of the capture', sum(r['bytes'] for r in total), size)
    day = c.rows('view', 'traffic', 'day', '--service', 'total')
    c.equal(row, 'minutes add up to the day', sum(r['bytes'] for r in total), sum(r['bytes'] for r in day))


# ---------------------------------------------------------------- 4 rankings


def ranking_traffic(c):
    row = '1.2 4-1 ranking by traffic'
    ranked = c.rows('view', 'ranking', 'traffic')
    expected = c.known['leads']
    if isinstance(expected, list):
        c.equal(row, 'who leads by packets', [r['what'] for r in ranked[:len(expected)]], expected)
    else:
        c.equal(row, 'the poller leads by packets', ranked[0]['what'], c.known['poller'])
    count = {}
    for p in c.packets or []:
        for end in {p['ip.src'], p['ip.dst']}:
            count[end] = count.get(end, 0) + 1
    if count:
        leaders = sorted(count, key=lambda ip: (-count[ip], ip))[:3]
        c.equal(row, 'as tshark ranks them', [r['what'] for r in ranked[:3]], leaders)


def ranking_peers(c):
    row = '1.2 4-2 ranking by peers'
    ranked = c.rows('view', 'ranking', 'peers')
    c.equal(row, 'the poller first, with all others', (ranked[0]['what'], ranked[0]['value'] >= c.known['edges'], ranked[1]['value'] < 4),
        (c.known['poller'], True, True))


def ranking_importance(c):
    row = '1.2 4-3 ranking by importance'
    ranked = c.rows('view', 'ranking', 'importance')
    c.ok(row, 'the poller outranks every controller', ranked[0]['what'] == c.known['poller'] and ranked[0]['value'] > ranked[1]['value'],
        ranked[:2])
    c.ok(row, 'the formula stands beside the number and gives it', all(r['detail'].endswith('= %d' % r['value']) for r in ranked), ranked[:2])


def ranking_services(c):
    row = '1.2 4-4 ranking of services by traffic'
    ranked = [(r['what'], r['value']) for r in c.rows('view', 'ranking', 'services')]
    c.equal(row, 'the largest first', [n for _, n in ranked], sorted((n for _, n in ranked), reverse=True))
    all_tcp = sum(r['packets'] for r in c.rows('view', 'services') if r['transport'] == 'tcp')
    c.equal(row, 'TCP packets of all services together', all_tcp, c.known['tcp'])
    if c.packets:
        sums = {service: sum(int(p['ip.len']) for p in c.packets if str(port) in (p['tcp.srcport'], p['tcp.dstport']))
            for service, port in PORTS.items()}
        mine = [x for x in ranked if x[0] in PORTS]
        c.equal(row, 'order and octets as tshark counts them', mine, sorted(sums.items(), key=lambda x: -x[1]))
        c.recounted(row, 'TCP packets', lambda ps: sum(1 for p in ps if p['tcp.srcport']), c.known['tcp'])


def ranking_terminals(c):
    row = '1.2 4-5 terminals of a service'
    ranked = by('what', c.rows('view', 'ranking', 'service-terminals'))
    c.equal(row, 'distinct endpoints', {s: ranked[s]['value'] for s in c.known['speaks']}, c.known['speaks'])
    for service, port in PORTS.items():
        c.recounted(row, 'endpoints of ' + service, lambda ps, port=str(port): len({end for p in ps if port in (p['tcp.srcport'], p['tcp.dstport'])
            for end in (p['ip.src'], p['ip.dst'])}), c.known['speaks'][service])


def ranking_vendors(c):
    row = '1.2 4-6 terminals of a vendor'
    ranked = c.rows('view', 'ranking', 'vendors')
    c.equal(row, 'counts add up to all MAC addresses, as the lists behind them do',
        (sum(r['value'] for r in ranked), sum(len(r['members']) for r in ranked)), (c.known['stations'],) * 2)
    c.ok(row, 'lists tell addresses', all('.' in m or ':' in m for r in ranked for m in r['members']), ranked)


# ---------------------------------------------------------------- 5 OT


def ot_ip(c):
    row = '1.2 5-1 OT over IP'
    found = c.rows('view', 'ot', 'ip')
    c.ok(row, 'Modbus, S7comm and EtherNet/IP with who asks whom for what',
        c.known['ot'] <= {r['protocol'] for r in found if r.get('func') and r['client'] == c.known['poller']}, found)


def ot_ethernet(c):
    row = '1.2 5-2 OT without IP'
    found = c.rows('view', 'ot', 'ethernet')
    c.ok(row, 'PROFINET by MAC address', any('profinet' in r['protocol'] and ':' in r['client'] and ':' in r['server'] for r in found), found)


# ---------------------------------------------------------------- periods, no mirror port


def difference(c):
    row = '1.2 diff of two periods'
    half = 5 if c.label == 'star' else 10
    found = c.rows('inventory', 'diff', '--old=+0s..+%ds' % half, '--new=-%ds..' % half)
    if not c.packets:
        return t.skip('%s (%s)' % (row, c.label), 'tshark is not here')
    last = float(c.packets[-1]['frame.time_relative'])
    periods = [[p for p in c.packets if begin <= float(p['frame.time_relative']) < end]
        for begin, end in ((0, half), (last - half, last + 1))]
    old, new = ({p['eth.src'] for p in ps} for ps in periods)
    for change, expected in (('added', new - old), ('removed', old - new)):
        c.equal(row, 'terminals ' + change, {r['mac'] for r in found if r['what'] == 'asset' and r['change'] == change}, expected)
    ids = {r['id']: r['ip'] for r in c.full if 'ip' in r}
    stations = set(ids.values())
    old, new = ({pair(p) for p in ps if pair(p) <= stations and len(pair(p)) == 2} for ps in periods)

    def pairs(change):
        return {frozenset((ids.get(r['from']), ids.get(r['to']))) for r in found if r['what'] == 'pair' and r['change'] == change}
    # a pair that only speaks another service has come and not come
    for change, expected, other in (('added', new - old, old), ('removed', old - new, new)):
        c.equal(row, 'pairs ' + change, {p for p in pairs(change) if p <= stations} - other, expected)


def without_mirror(c):
    row = '1.2 no-mirror: broadcast and multicast only'
    path = t.write('%s-broadcast.pcap' % c.label, groups_only(open(c.known['path'], 'rb').read()))
    asked = Asked(t, '-r', path)
    found, sensor = asked.rows('inventory', 'full'), by('topic', asked.rows('view', 'sensor'))
    heard = {p['eth.src'] for p in c.packets or [] if int(p['eth.dst'][:2], 16) & 1}
    c.ok(row, 'the inventory fills from ARP, LLDP and names', len(found) >= 6 and (not heard or heard <= {r.get('mac') for r in found}),
        heard - {r.get('mac') for r in found})
    c.ok(row, 'and says so', sensor['mirror port']['result'].startswith('broadcast only') and sensor['mirror port']['verdict'] == 'bad', sensor)


def groups_only(capture):
    """The packets of a pcap file that go to groups."""
    order = 'little' if capture[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else 'big'
    out, at = capture[:24], 24
    while at < len(capture):
        size = int.from_bytes(capture[at + 8:at + 12], order)
        if capture[at + 16] & 1:
            out += capture[at:at + 16 + size]
        at += 16 + size
    return out


ROWS = [terminal_list, searched, detail, vendor_matrix, role_matrix, terminal_map, service_map, traffic, ranking_traffic, ranking_peers,
    ranking_importance, ranking_services, ranking_terminals, ranking_vendors, ot_ip, ot_ethernet, difference, without_mirror]
for known in STARS:
    if not known['path']:
        t.skip('1.2 every row (%s)' % known['name'], 'the public captures are not here')
        continue
    case = Case(known)
    for feature in ROWS:
        feature(case)

# ---------------------------------------------------------------- rows of other captures


def os_matrix(path, label, expected):
    cells = by('ip', Asked(t, '-r', path).rows('view', 'matrix', 'os'))
    t.equal({ip: cells[ip]['value'] for ip in expected}, expected, '1.2 1-5 OS matrix: systems by what stations announce (%s)' % label)
    t.ok(all(cells[ip]['confidence'] >= 80 for ip in expected), '1.2 1-5 OS matrix: an announcement is surer than a fingerprint (%s)' % label,
        cells)


os_matrix(made('it-datagrams'), 'it-datagrams', {'10.5.0.20': 'Windows 2000', '10.5.0.31': 'Windows XP'})
guessed = [c for c in Asked(t, '-r', made('star')).rows('view', 'matrix', 'os') if c['value'] != 'unknown' and c['source'] == 'p0f']
t.ok(guessed and all(c['confidence'] <= 30 for c in guessed), '1.2 1-5 OS matrix: a TCP fingerprint alone is a guess (star)', guessed)
OLD = real('zeek-parser-CIFS-COM__test.pcap')
if OLD:
    os_matrix(OLD, 'WINOLD', {'192.168.1.35': 'Windows 2000', '192.168.1.37': 'Windows NT 4.0'})
else:
    t.skip('1.2 1-5 OS matrix (WINOLD)', 'the public captures are not here')

POLLED = real('__ModbusTCP.pcap')
if POLLED:
    asked = Asked(t, '-r', POLLED)
    full = by('ip', asked.rows('inventory', 'full'))
    t.equal((full['141.81.0.10']['kind'], full['141.81.0.10']['role'], {(r['kind'], r['role']) for ip, r in full.items() if ip != '141.81.0.10'}),
        ('client', 'HMI', {('server', 'PLC')}), '1.2 1-6 role matrix: controllers are servers and PLCs, the poller a client and HMI (MODTCP)')
    size = sum(int(x) for x in (tshark(POLLED, '-T', 'fields', '-e', 'frame.len') or '1232392').split())
    t.equal(sum(r['bytes'] for r in asked.rows('view', 'traffic', '--service', 'total')), size,
        '1.2 3-1 traffic over time: intervals add up to the octets of the file (MODTCP)')
    first = asked.rows('view', 'ranking', 'importance')
    t.ok(first[0]['what'] == '141.81.0.10' and first[0]['value'] > first[1]['value'],
        '1.2 4-3 ranking by importance: the poller outranks any controller (MODTCP)', first[:2])
else:
    t.skip('1.2 1-6, 3-1, 4-3 (MODTCP)', 'the public captures are not here')

# capture, screen, protocol, least rows, a function among them or None
OT = [
    (made('cclink'), 'ip', 'cclink_ief_basic', 1, 'cyclic'), (made('opcua'), 'ip', 'opcua', 20, 'Browse'),
    (made('iec104'), 'ip', 'iec104', 10, 'C_SC_NA_1'), (made('cclink'), 'ethernet', 'cclink_ie', 10, 'writeMemory'),
    (made('fins'), 'ip', 'fins', 1, None),
    (real('zeek-parser-Bacnet__test.pcap'), 'ip', 'bacnet', 10, None),
    (real('cclink_ief_basic_only.pcap'), 'ip', 'cclink_ief_basic', 1, 'cyclic'),
    (real('CCLinkControl__cc_link_ief.pcap'), 'ethernet', 'cclink_ie', 10, 'transient1'),
    (real('CCLinkIENoIP__test2.pcapng'), 'ethernet', 'cclink_ie', 5, 'acyclicDetection'),
    # profinet_io_cm.pcapng itself is put together of 13 years: what is older than a year when it ends is forgotten
    (real('profinet_io_cm_mixed_1.pcap'), 'ethernet', 'profinet', 1, None),
    (real('Sample_File_GOOSE.pcap'), 'ethernet', 'goose', 1, None),
]
for path, screen, protocol, least, func in OT:
    row = '1.2 5-%d OT %s' % (1 if screen == 'ip' else 2, 'over IP' if screen == 'ip' else 'without IP')
    if not path:
        t.skip('%s: %s' % (row, protocol), 'the public captures are not here')
        continue
    found = [r for r in Asked(t, '-r', path).rows('view', 'ot', screen) if r['protocol'].startswith(protocol)]
    good = len(found) >= least and (not func or func in {r.get('func') for r in found})
    t.ok(good and all((':' in r['client']) == (screen == 'ethernet') or screen == 'ip' for r in found),
        '%s: %s with who sends and who receives (%s)' % (row, protocol, os.path.basename(path)), found[:5])

t.finish()
