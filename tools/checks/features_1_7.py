#!/usr/bin/env python3
"""Features, section 1.7, the rows that the inventory answers: map, devices, queries, trends, timelines, what the sensor sees, DHCP. Every
row is asked of captures of ours always and of the public capture that it names where it is."""
import csv
import io
import os
import subprocess

from asking import Asked, by, made, of_capture, real, tshark
from tap import ROOT, Tap

t = Tap()


def on(row, name, path):
    """The capture, asked; None when it is not there, which is said."""
    if not path:
        t.skip('%s (%s)' % (row, name), 'the public captures are not here')
        return None
    return Asked(t, '-r', path)


def network_map():
    row = '1.7 network map'
    for name, path, poller in (('star', made('star'), '10.20.0.10'), ('PLANT', real('__mb2.pcap'), '141.81.0.10')):
        asked = on(row, name, path)
        if asked:
            nodes = by('ip', asked.rows('view', 'map', 'nodes'))
            polled = {x['to_ip'] if x['from_ip'] == poller else x['from_ip'] for x in asked.rows('view', 'map', '--service', 'modbus')}
            t.equal((nodes[poller]['level'], {nodes[ip]['level'] for ip in polled}), ('2', {'1'}), '%s: PLCs lie below the HMI (%s)' % (row, name))
            groups = {r['group'] for r in asked.rows('view', 'groups')}
            t.ok({'protocol', 'subnet', 'level', 'polling'} <= groups, '%s: groups by protocol, subnet, level and polling (%s)' % (row, name), groups)
    asked = on(row, 'vlan', made('link/vlan'))
    t.ok(any(r['group'] == 'vlan' for r in asked.rows('view', 'groups')), row + ': groups by VLAN (vlan)')
    asked = on(row, 'http', made('http'))
    t.ok(any(r['group'] == 'non-standard ports' for r in asked.rows('view', 'groups')), row + ': groups by non-standard port (http)')
    asked = on(row, 's7comm', made('s7comm'))
    t.ok(any(r['group'] == 'programming' and '10.7.0.30' in r['members'] for r in asked.rows('view', 'groups')),
        row + ': groups by programming (s7comm)')
    for name, path in (('demo', made('demo')), ('MODTCP', real('__ModbusTCP.pcap'))):
        asked = on(row, name, path)
        if asked:
            cycles = [r['value'] for r in asked.rows('view', 'groups', '--by', 'polling') if r['value'].startswith('modbus')]
            t.ok(cycles, '%s: a polling interval of each pair (%s)' % (row, name), cycles)
    demo = on(row, 'demo', made('demo')).rows('view', 'map')
    t.ok(any(x.get('cross_subnet') for x in demo) and any(x.get('cross_level') for x in demo), row + ': lines across subnets and levels (demo)')


def device_list():
    row = '1.7 device list'
    wanted = {
        's7comm': (made('s7comm'), '10.7.0.11', {'vendor': 'Siemens', 'order_number': '6ES7 315-2EH14-0AB0', 'serial': 'S C-X4U421302009',
            'firmware': 'V3.2.6', 'role': 'PLC', 'level': '1'}),
        'enip': (made('enip'), '10.6.0.12', {'model': '1763-L16BWA B/10.00', 'serial': '0x40112233', 'firmware': '2.10', 'role': 'PLC'}),
        'S7ID': (real('icsnpp-s7comm__s7ident.pcap'), None, {'name': 'SNAP7-SERVER', 'model': 'CPU 315-2 PN/DP', 'serial': 'S C-C2UR28922012'}),
        'ENIPX': (real('icsnpp-enip__enip_cip_example.pcap'), None, {'model': '1756-ENBT/A', 'firmware': '4.3', 'serial': '0x00524d8e'}),
    }
    for name, (path, ip, expected) in wanted.items():
        asked = on(row, name, path)
        if asked:
            rows = [r for r in asked.rows('inventory', 'full') if not ip or r.get('ip') == ip]
            good = [r for r in rows if all(r.get(k) == v for k, v in expected.items())]
            t.ok(good, '%s: %s from the wire (%s)' % (row, ', '.join(expected), name), [{k: r.get(k) for k in expected} for r in rows])
            t.ok(good and good[0]['last'] and good[0]['protocols'], '%s: last activity and protocols (%s)' % (row, name))


def data_mining():
    row = '1.7 data mining'
    for name, path in (('s7comm', made('s7comm')), ('S7SNAP', real('icsnpp-s7comm__snap7.pcap'))):
        asked = on(row, name, path)
        if asked:
            ops = {r['op'] for r in asked.rows('view', 'ot', 'ip', '--where', 'category = control or op = program_read or op = program_write')}
            t.ok({'stop', 'program_read', 'program_write'} <= ops or {'stop', 'program_read'} <= ops,
                '%s: programming commands (%s)' % (row, name), ops)
    demo = of_capture(t, made('demo'), 'mining')
    t.ok(demo.rows('inventory', 'full', '--where', 'last > 2024-05-13T08:09:00Z'), row + ': active of late (demo)')
    remote = Asked(t, '-r', made('real-ssh')).rows('view', 'terminals', '--within', 'remote access')
    t.ok(remote, row + ': remote access (real-ssh)')
    shown = list(csv.DictReader(io.StringIO(demo.ask('view', 'ot', 'ip', '--csv', '--where', 'op = write').out)))
    t.ok(shown and {r['op'] for r in shown} == {'write'}, row + ': a query as CSV (demo)')


def trends():
    row = '1.7 trends'
    # three responses are the answers to what was asked before the capture began
    before = {'MODTCP': {'READ_INPUT_REGISTERS': 3}}
    for name, path in (('star', made('star')), ('demo', made('demo')), ('MODTCP', real('__ModbusTCP.pcap'))):
        asked = on(row, name, path)
        if not asked:
            continue
        pie = {r['func']: r['count'] for r in asked.rows('view', 'functions', 'modbus')}
        # what is sent again is asked once
        requests = tshark(path, '-Y', 'mbtcp && tcp.dstport == 502 && !tcp.analysis.retransmission', '-E', 'separator=,', '-T', 'fields',
            '-e', 'modbus.func_code')
        if requests is None:
            t.skip('%s: functions of Modbus (%s)' % (row, name), 'tshark is not here')
            continue
        counted = dict(before.get(name, {}))
        for code in requests.replace('\n', ',').split(','):
            if code and int(code) in NAMES:
                counted[NAMES[int(code)]] = counted.get(NAMES[int(code)], 0) + 1
        t.equal({f: n for f, n in pie.items() if f in NAMES.values()}, counted,
            '%s: the pie of functions equals what tshark counts (%s)' % (row, name))
        t.ok(abs(sum(r['percent'] for r in asked.rows('view', 'functions', 'modbus')) - 100) < 0.01, '%s: and is whole (%s)' % (row, name))
    demo = of_capture(t, made('demo'), 'trends')
    t.ok([r for r in demo.rows('view', 'history') if r['event'] == 'new' and r.get('ip') == '192.168.10.99'], row + ': new devices (demo)')
    t.ok(demo.rows('view', 'ranking', 'traffic')[0]['value'] > 1000, row + ': busy devices (demo)')
    t.ok({r['service'] for r in demo.rows('view', 'traffic')} >= {'modbus', 'fins', 'total'}, row + ': bandwidth by service (demo)')


NAMES = {1: 'READ_COILS', 2: 'READ_DISCRETE_INPUTS', 3: 'READ_HOLDING_REGISTERS', 4: 'READ_INPUT_REGISTERS', 5: 'WRITE_SINGLE_COIL',
    6: 'WRITE_SINGLE_REGISTER', 15: 'WRITE_MULTIPLE_COILS', 16: 'WRITE_MULTIPLE_REGISTERS'}


def event_timeline():
    row = '1.7 event timeline'
    demo = of_capture(t, made('demo'), 'timeline')
    demo.ask('inventory', 'note', 'maintenance', '2024-05-13 08:05')
    demo.ask('inventory', 'merge', '192.168.10.13', '192.168.10.14')
    rows = list(csv.DictReader(io.StringIO(demo.ask('view', 'history', '--csv').out)))
    at = [i for i, r in enumerate(rows) if r['what'] == 'maintenance']
    t.ok(at and 0 < at[0] < len(rows) - 1 and rows[at[0] - 1]['time'] <= rows[at[0]]['time'] <= rows[at[0] + 1]['time'],
        row + ': an event of the owner between those of packets, in the CSV (demo)', rows)
    t.ok(any(r['event'] == 'merged' for r in rows), row + ': what people did (demo)', rows)


def programming_timeline():
    row = '1.7 programming timeline'
    for name, path in (('s7comm', made('s7comm')), ('S7SNAP', real('icsnpp-s7comm__snap7.pcap'))):
        asked = on(row, name, path)
        if asked:
            rows = asked.rows('view', 'programs')
            whole = [r for r in rows if r.get('program') and r.get('size') and len(r.get('sha256', '')) == 64]
            t.ok(whole, '%s: blocks with type and number, size, hash (%s)' % (row, name), rows)
            t.ok(any(r.get('compared') for r in whole), '%s: compared with the version before (%s)' % (row, name), whole)
    rows = Asked(t, '-r', made('s7comm')).rows('view', 'programs')
    t.ok({'download', 'upload', 'delete'} <= {r['direction'] for r in rows}, row + ': added, read, deleted (s7comm)')


def sensor_checks():
    row = '1.7 sensor checks'
    for name, path, network in (('star', made('star'), '10.20.0.0/24'), ('PLANT', real('__mb2.pcap'), '141.81.0.0/24')):
        asked = on(row, name, path)
        if asked:
            told = {r['topic']: r['result'] for r in asked.rows('view', 'sensor')}
            t.ok('unicast' in told['mirror port'], '%s: unicast is seen (%s)' % (row, name), told)
            t.ok(network in told['networks'], '%s: networks (%s)' % (row, name), told)
            t.equal(told['VLANs'], 'no VLAN tags', '%s: VLANs (%s)' % (row, name))
            t.ok('mid-stream' in told['TCP sessions'], '%s: sessions joined mid-stream (%s)' % (row, name), told)


def dhcp_ranges():
    row = '1.7 DHCP ranges'
    recipe = t.write('move.lua', MOVE)
    capture = os.path.join(t.scratch, 'move.pcap')
    subprocess.run([os.path.join(ROOT, 'tools', 'traffic', 'maker'), recipe, '-o', capture], check=True)
    asked = Asked(t, '-r', capture)
    rows = [r for r in asked.rows('inventory', 'full') if r.get('name') == 'LAPTOP']
    t.equal([(len(rows), r['ip']) for r in rows], [(1, '10.30.0.60')], row + ': who changes the address inside a range is the same asset')
    moved = [(r['was'], r['is']) for r in asked.rows('view', 'history') if r['event'] == 'moved' and r['what'] == 'ip']
    t.equal(moved, [('10.30.0.50', '10.30.0.60')], row + ': and the move is told')
    other = by('ip', asked.rows('inventory', 'full')).get('10.30.0.50')
    t.equal(other and other['name'], 'TABLET', row + ': the address that became free is another\'s')
    links = [r for r in asked.rows('view', 'terminal', 'LAPTOP') if r['section'] == 'peer']
    t.ok(links and links[0]['packets'] >= 4, row + ': its traffic stays with it', links)


MOVE = '''
local it = require "it_datagrams"
local w = ...
w:duration "40m"
local server = w:host { name = "server", role = "server", ip = "10.30.0.1", vendor = "dell", os = "linux" }
local function station(name, mac_of, ip)
  local host = w:host { name = name .. ip, role = "workstation", ip = ip, vendor = "intel", os = "windows" }
  if mac_of then host.mac, host.mac_bytes = mac_of.mac, mac_of.mac_bytes end
  return host
end
local laptop = station("laptop", nil, "10.30.0.50")
local moved = station("laptop", laptop, "10.30.0.60")
local tablet = station("tablet", nil, "10.30.0.50")
local function lease(at, host, name, xid)
  w:at(at, function()
    it.dhcp_lease(w, host, server, { xid = xid, ip = host.ip, wanted = it.option(12, name) })
    for i = 1, 4 do
      w:sleep(1)
      w:udp(host, 5000, server, 6000, "ping" .. i)
      w:udp(server, 6000, host, 5000, "pong" .. i)
    end
  end)
end
lease("1s", laptop, "LAPTOP", 1)
lease("10m", moved, "LAPTOP", 2)
lease("20m", tablet, "TABLET", 3)
'''

for feature in (network_map, device_list, data_mining, trends, event_timeline, programming_timeline, sensor_checks, dhcp_ranges):
    feature()
t.finish()
