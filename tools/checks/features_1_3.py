#!/usr/bin/env python3
"""Features, sections 1.3 and 1.4, and the rows of 1.7 and 1.8 that speak of alerts: every row a function named after it, on made traffic always
and on the public capture that the row names where it is.

Tested elsewhere, because it needs far ends: 1.7 forwarding rules and integrations by checks/send.py; 1.3 delivery, from the wire to webhook, syslog
and mail, 1.3 blocking, and 1.7 PCAP attached by checks/alert_packets.py. Edits of lists in every form:
checks/learning.py; more rows left out: checks/leave_one_out.py.

usage: features_1_3.py [PART...]    lists (1.3), edits of lists (1.4), alerts; all unless said"""
import json
import os
import shutil
import struct
import sys

from asking import Asked, by, made, real
from tap import Tap

t = Tap()
DETECTING = ('learn', 'mode', 'all', 'detecting')
DAY = 86400
START = 1704067200  # a Monday, 0 h UTC


# ---------------------------------------------------------------------------- traffic made here

def udp(source, sport, target, port, payload):
    def octets(ip):
        return bytes(int(x) for x in ip.split('.'))

    def mac(ip):
        return b'\2\0' + octets(ip)
    data = struct.pack('>HHHH', sport, port, 8 + len(payload), 0) + payload
    head = struct.pack('>BBHHHBBH', 0x45, 0, 20 + len(data), 0, 0x4000, 64, 17, 0) + octets(source) + octets(target)
    return mac(target) + mac(source) + b'\x08\x00' + head + data


def syn(source, sport, target, port):
    frame = bytearray(udp(source, sport, target, port, b''))
    frame[16:18], frame[23] = struct.pack('>H', 40), 6
    return bytes(frame[:34]) + struct.pack('>HHIIBBHHH', sport, port, 1000, 0, 0x50, 2, 65535, 0, 0)


def capture(name, packets):
    """Packets: (seconds, frame)."""
    out = [struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)]
    for at, frame in sorted(packets, key=lambda p: p[0]):
        out.append(struct.pack('<IIII', START + int(at), int(at % 1 * 1e6), len(frame), len(frame)) + frame)
    return t.write(name + '.pcap', b''.join(out))


def talk(source, target, at, sport=4000, port=9, size=100):
    return [(at, udp(source, sport, target, port, b'x' * size)), (at + 0.01, udp(target, port, source, sport, b'y'))]


# ---------------------------------------------------------------------------- what the rows have in common

def learned(name, *captures):
    """A state folder whose lists learned captures, without an end."""
    asked = Asked(t, '--state', t.dir(name))
    asked.ask('learn', 'mode', 'all', 'learning')
    for c in captures:
        asked.ask('-q', '-r', c)
    return asked


def fresh_state(row, name=''):
    return Asked(t, '--state', t.dir('%s, %s, fresh' % (row.replace('/', ' '), name)))


def alerts(asked, *args):
    return asked.rows('alerts', *args)


def detected(asked, path, kind=None):
    """Alerts of a capture, as the lists are now; nothing is kept."""
    found = asked.rows('learn', 'whatif', '-r', path)
    return [a for a in found if kind in (None, a['kind'])]


def copied(asked, name):
    path = os.path.join(t.scratch, name)
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(asked.state[1], path)
    return Asked(t, '--state', path)


def on(row, *captures):
    """Name, path and a state that learned it, of each of these captures that is here."""
    for name, path in captures:
        if not path:
            t.skip('%s (%s)' % (row, name), 'the public captures are not here')
            continue
        yield name, path, learned('%s, %s' % (row.replace('/', ' '), name), path)


def listed(asked, name, *parts):
    rows = [r['row'] for r in asked.rows('learn', 'show', name)]
    return [r for r in rows if all(p in r for p in parts)]


def take_out(asked, name, rows):
    """As if each were removed by hand, in one go: the later statement wins."""
    columns = ['#list\t%s' % name]
    columns += ['-\t%s\t# ann\t2099-01-01T00:00:00Z\t-' % r.replace(', ', '\t') for r in rows]
    asked.ask('learn', 'import', t.write('removed-%s.txt' % name, '\n'.join(columns) + '\n'))


def left_out(row, name, path, asked, which, *parts):
    """One row less in a list: it is told of, it alone, once."""
    have = listed(asked, which, *parts)
    t.ok(have, '%s: has such a row (%s)' % (row, name))
    t.equal([a for a in detected(asked, path) if a.get('list')], [], '%s: what was learned raises nothing (%s)' % (row, name))
    if have:
        found = asked.rows('learn', 'whatif', '--list', which, '--without', have[-1].replace(', ', '\t'), '--where', 'list', '-r', path)
        t.equal([(a['list'], a['row'], a['count']) for a in found], [(which, have[-1], 1)], '%s: the row left out is one alert (%s)' % (row, name))
        return found[0] if found else {}
    return {}


# ---------------------------------------------------------------------------- 1.3

PLANT = ('PLANT', real('ICS-Security-Tools__mb2.pcap'))
MODTCP = ('MODTCP', real('ICS-Security-Tools__ModbusTCP.pcap'))
WINOLD = ('WINOLD', real('zeek-parser-CIFS-COM__test.pcap'))
S7SNAP = ('S7SNAP', real('icsnpp-s7comm__snap7.pcap'))
CCF = ('CCF', real('__cc_link_ief.pcap'))
MODTEST = ('MODTEST', real('__modbus_test_data_part1.pcap'))
CIPSTOP = ('CIPSTOP', real('cip_stop.pcap', 'CIPSTOP.pcap'))


def new_terminal():
    row = '1.3 1-1 new terminal'
    for name, path, asked in on(row, ('demo', made('demo')), PLANT):
        left_out(row, name, path, asked, 'new_terminal', '.')


def vulnerable_terminal():
    row = '1.3 1-2 vulnerable terminal'
    for name, path, parts in (('it-datagrams', made('it-datagrams'), ()), WINOLD + (('SNG-WIN2K', 'SNG-WINNT4'),)):
        for name, path, asked in on(row, (name, path)):
            told = [a for a in alerts(asked) if a['kind'] == 'unsupported_os']
            t.ok(told and all(a['source'] and a['first'] and a['last'] for a in told), '%s: with address, first and last seen (%s)' % (row, name), told)
            if parts:
                t.equal(len(told), 2, '%s: Windows 2000 and Windows NT 4.0 (%s)' % (row, name))
                t.ok(all(p in ' '.join(a['text'] for a in told) for p in parts + ('08:00:27:b9:d0:0a', 'PCS Systemtechnik', 'Windows 2000', 'Windows NT 4.0')),
                    '%s: with host name, MAC, vendor and system (%s)' % (row, name), told)


def ip_communication():
    row = '1.3 1-3 IP communication'
    for name, path, asked in on(row, ('demo', made('demo')), PLANT):
        left_out(row, name, path, asked, 'ip_communication', 'tcp, *')
    ports = [49203 + i * 80 for i in range(200)]
    service = [p for i, port in enumerate(ports) for p in talk('10.0.0.1', '10.0.0.2', i * 10, 5000, port)]
    asked = learned('fixed', capture('fixed', service))
    t.equal(listed(asked, 'ip_communication'), ['10.0.0.1, 10.0.0.2, udp, 5000, %d-%d' % (ports[0], ports[-1])],
        row + ': a fixed source port and 200 ports are one row with a range (made)')
    inside = capture('inside', talk('10.0.0.1', '10.0.0.2', DAY, 5000, ports[7] + 1) + talk('10.0.0.1', '10.0.0.2', DAY + 900, 5000, ports[8]))
    asked.ask(*DETECTING)
    t.equal(detected(asked, inside, 'ip_communication'), [], row + ': another port inside it is none (made)')


def weeks(burst_at, size=1000, days=15):
    steady = [p for i in range(days * 144) for p in talk('10.0.0.1', '10.0.0.2', i * 600, size=size)]
    return steady + [p for at in burst_at for i in range(60) for p in talk('10.0.0.1', '10.0.0.2', at + i, size=size)]


LEAST = ('detections', 'set', 'ip_volume', 'least', '10000')
TEN = 14 * DAY + 10 * 3600


def volume(name, burst_at, *before):
    """Two weeks of learning and one day; with bursts."""
    asked = learned(name, capture(name + '-learned', [p for p in weeks(burst_at) if p[0] < 14 * DAY]))
    for args in (LEAST, DETECTING) + before:
        asked.ask(*args)
    return detected(asked, capture(name, [p for p in weeks(burst_at) if p[0] >= 14 * DAY]), 'ip_volume'), asked


def ip_volume():
    row = '1.3 1-4 IP volume'
    told, _ = volume('burst', [TEN])
    t.equal(len(told), 1, row + ': ten times the volume in an hour is one alert (made)')
    t.ok(told and all(x in told[0]['text'] for x in ('10.0.0.1', '10.0.0.2', 'Mon 10:00', 'kB')), row + ': with pair, hour, threshold, value (made)', told)
    told, _ = volume('usual', [TEN - 14 * DAY, TEN - 7 * DAY, TEN])
    t.equal(told, [], row + ': silent at an hour of the week where that is normal (made)')


def windows(peers):
    """Five minutes each, with so many peers and the same bytes."""
    return [(w * 300 + i, udp('10.0.0.1', 4000, '10.0.0.%d' % (10 + i), 9, b'x' * (2000 // n)))
        for w, n in enumerate(peers) for i in range(n)]


USUAL = [5 + i % 2 for i in range(150)]


def statistics(name, *before):
    asked = learned(name, capture(name + '-learned', windows(USUAL)))
    for args in (DETECTING,) + before:
        asked.ask(*args)
    later = [(at + 150 * 300, f) for at, f in windows([6, 12, 6, 5])]
    return detected(asked, capture(name, later), 'ip_statistics'), asked


def ip_statistics():
    row = '1.3 1-5 IP statistics'
    told, _ = statistics('peers')
    t.equal(len(told), 1, row + ': twice the peers at the same bytes is told of (made)')
    t.ok(told and 'peers asked' in told[0]['text'], row + ': naming the statistic (made)', told)


def ot_behaviour():
    row = '1.3 1-6 OT behaviour (IP)'
    for name, path, asked in on(row, ('s7comm', made('s7comm')), S7SNAP):
        found = left_out(row, name, path, asked, 'ot_behaviour', 'Stop')
        t.ok('s7comm' in found.get('text', '') and 'Stop' in found.get('text', ''), '%s: with pair and function (%s)' % (row, name), found)


def ot_behaviour_ethernet():
    row = '1.3 1-7 OT behaviour (Ethernet)'
    for name, path, asked in on(row, ('cclink', made('cclink')), CCF):
        wanted = 'transient1' if listed(asked, 'ot_behaviour_ethernet', 'transient1') else 'cyclicDataW'
        found = left_out(row, name, path, asked, 'ot_behaviour_ethernet', wanted)
        t.ok(wanted in found.get('row', '') and found['row'].count(':') == 10, '%s: %s, with MACs, protocol, function (%s)' % (row, wanted, name), found)


ENGINE = '''on("flow.new", { resp_p = 9 }, function(e)
  raise("signature.hit", { signature = "2024217", text = "SMB exploit", cve = "CVE-2017-0144", rule = "content:x", source = e.orig_h, target = e.resp_h })
end)'''


def signature():
    row = '1.3 1-8 signature'
    path = capture('evil', talk('10.0.0.1', '10.0.0.2', 0) + talk('10.0.0.3', '10.0.0.2', 1))
    asked = Asked(t, '--state', t.dir('signature'))
    asked.ask('-q', '-r', path, '-e', ENGINE)
    told = [a for a in alerts(asked) if a['kind'] == 'signature']
    t.ok(len(told) == 2 and '2024217' in told[0]['text'] and 'CVE-2017-0144' in told[0]['text'], row + ': with rule id and CVE, by a made event', told)
    t.contains(asked.ask('alerts', 'show', told[0]['id']).out, 'content:x', row + ': and the rule')
    row = '1.4 2-8 signature exclusion'
    asked = Asked(t, '--state', t.dir('excluded'))
    asked.ask('signatures', 'exclude', '2024217', '10.0.0.1')
    asked.ask('-q', '-r', path, '-e', ENGINE)
    t.equal([a['source'] for a in alerts(asked) if a['kind'] == 'signature'], ['10.0.0.3'], row + ': the excluded pair is silent, another source is not')


# ---------------------------------------------------------------------------- 1.4

def terminals_list():
    row = '1.4 2-1 new terminal: learned list'
    for name, path, asked in on(row, ('demo', made('demo')), PLANT):
        ip = listed(asked, 'new_terminal', '.')[-1]
        asked.ask(*DETECTING)
        asked.ask('learn', 'remove', 'new_terminal', ip)
        t.equal([a['row'] for a in detected(asked, path, 'new_terminal')], [ip], '%s: deleted: told of (%s)' % (row, name))
        asked.ask('learn', 'add', 'new_terminal', ip)
        t.equal(detected(asked, path, 'new_terminal'), [], '%s: added: silent, also after a restart (%s)' % (row, name))


def vulnerable_list():
    row = '1.4 2-2 vulnerable terminal: exclusions'
    for name, path, asked in on(row, ('it-datagrams', made('it-datagrams')), WINOLD):
        before = [a['source'] for a in alerts(asked) if a['kind'] == 'unsupported_os']
        one = '192.168.1.35' if '192.168.1.35' in before else before[0]
        fresh = fresh_state(row, name)
        fresh.ask('alerts', 'exclude', 'unsupported_os', one)
        fresh.ask('-q', '-r', path)
        after = [a['source'] for a in alerts(fresh) if a['kind'] == 'unsupported_os']
        t.equal(after, [s for s in before if s != one], '%s: the excluded one is silent, the others are not (%s)' % (row, name))


def communication_list():
    row = '1.4 2-3 IP communication: edit to a range'
    asked = learned('range', capture('range-learned', talk('10.0.0.1', '10.0.0.2', 0, port=2000)))
    asked.ask(*DETECTING)
    more = capture('range', [p for i in range(5) for p in talk('10.0.0.1', '10.0.0.2', DAY + i * 4000, port=2010 + i)])
    t.ok(detected(asked, more, 'ip_communication'), row + ': ports beside it are told of (made)')
    asked.ask('learn', 'edit', 'ip_communication', '10.0.0.1, 10.0.0.2, udp, *, 2000', '10.0.0.1, 10.0.0.2, udp, *, 2000-2100')
    t.equal(detected(asked, more, 'ip_communication'), [], row + ': inside the range they are not (made)')


def volume_list():
    row = '1.4 2-4 IP volume: which pairs'
    told, asked = volume('watched', [TEN], ('volume', 'watch', '10.0.0.1', '10.0.0.2', 'no'))
    t.equal(told, [], row + ': a pair that is not watched is silent (made)')
    asked.ask('volume', 'forget', '10.0.0.1', '10.0.0.2')
    t.equal(asked.rows('volume'), [], row + ': what was learned can be deleted (made)')


def statistics_level():
    row = '1.4 2-5 IP statistics: off, strong, weak'
    for level, n in (('strong', 1), ('weak', 0), ('off', 0)):
        told, asked = statistics('level-' + level, ('statistics', 'level', '10.0.0.1', level))
        t.equal(len(told), n, '%s: %s: %d (made)' % (row, level, n))
    states = [r for r in asked.rows('statistics') if r['terminal'] == '10.0.0.1']
    t.ok(states and all('mean' in r and 'component' in r for r in states), row + ': the state of learning is shown (made)', states[:1])


def functions_watched():
    row = '1.4 2-6 OT behaviour (IP): which functions'
    for name, path, asked in on(row, ('demo', made('demo')), MODTCP):
        writes = [r for r in listed(asked, 'ot_behaviour', 'modbus', 'WRITE')]
        functions = sorted({r.split(', ')[3] for r in writes})
        take_out(asked, 'ot_behaviour', writes)
        asked.ask('learn', 'add', 'ot_behaviour', '*, *, modbus, ' + functions[0])
        asked.ask(*DETECTING)
        told = {a['row'].split(', ')[3] for a in detected(asked, path, 'ot_behaviour')}
        t.equal(told, set(functions[1:]), '%s: %s is not watched, %s is (%s)' % (row, functions[0], functions[1:], name))


def functions_watched_ethernet():
    row = '1.4 2-7 OT behaviour (Ethernet): which functions'
    for name, path, asked in on(row, ('cclink', made('cclink')), CCF):
        all_rows = listed(asked, 'ot_behaviour_ethernet')
        functions = sorted({r.split(', ')[3] for r in all_rows})
        take_out(asked, 'ot_behaviour_ethernet', all_rows)
        asked.ask('learn', 'add', 'ot_behaviour_ethernet', '*, *, *, ' + functions[0])
        asked.ask(*DETECTING)
        told = {a['row'].split(', ')[3] for a in detected(asked, path, 'ot_behaviour_ethernet')}
        t.equal(told, set(functions[1:]), '%s: %s is not watched, the others are (%s)' % (row, functions[0], name))


EIGHT = {'new_terminal', 'unsupported_os', 'ip_communication', 'ip_volume', 'ip_statistics', 'ot_behaviour', 'ot_behaviour_ethernet', 'signature'}


def status():
    row = '1.4 2-9 status page'
    asked = learned('status', made('demo'))
    found = by('detection', asked.rows('detections'))
    t.ok(EIGHT <= set(found), row + ': all eight', EIGHT - set(found))
    t.ok(all(found[n]['mode'] in ('learning', 'detecting', 'off') for n in EIGHT), row + ': each with its mode')
    lists = [r for r in found.values() if r['type'] == 'list']
    t.ok(lists and all('since' in r and 'rows' in r and 'settings' in r for r in lists), row + ': lists with since when, rows and settings', lists[:1])
    t.contains(asked.ask('detections').out, 'ip_communication', row + ': one table on the screen, too')


# ---------------------------------------------------------------------------- 1.7, 1.8

def alert_list():
    row = '1.7 alert list'
    for name, path, asked in on(row, ('s7comm', made('s7comm')), S7SNAP, ('demo', made('demo')), CIPSTOP):
        fresh = fresh_state(row, name)
        fresh.ask('-q', '-r', path)
        told = {a['kind']: a for a in reversed(alerts(fresh))}
        control = [k for k in ('controller_stop', 'program_download', 'program_write', 'write_many', 'controller_mode') if k in told]
        if name != 'demo':
            t.ok('controller_stop' in told, '%s: PLC stop (%s)' % (row, name), sorted(told))
        for kind in control[:1]:
            fresh.ask('alerts', 'learn', told[kind]['id'], '--who', 'ann')
            again = [a['text'] for a in detected(fresh, path, kind)]
            t.ok(told[kind]['text'] not in again, '%s: learned, the same replay is silent about it (%s)' % (row, name), again)
        for kind in control[1:2]:
            fresh.ask('alerts', 'ack', told[kind]['id'], '--who', 'ann')
            t.equal([a['state'] for a in alerts(fresh) if a['id'] == told[kind]['id']], ['acknowledged'], '%s: acknowledge keeps the row (%s)' % (row, name))


def alert_states():
    row = '1.7 alert states'
    for name, path, asked in on(row, ('modbus-all', made('modbus-all')), MODTEST):
        fresh = fresh_state(row, name)
        fresh.ask('-q', '-r', path)
        first = alerts(fresh)
        os.remove(os.path.join(fresh.state[1], 'captures.tsv'))  # the same capture, read again as if it were new
        fresh.ask('-q', '-r', path)
        second = by('id', alerts(fresh))
        t.ok(first and {a['id'] for a in first} == set(second), '%s: replayed twice: no second alert (%s)' % (row, name), (len(first), len(second)))
        t.ok(all(second[a['id']]['count'] == 2 * a['count'] for a in first), '%s: but twice the count (%s)' % (row, name))
        if name == 'MODTEST':
            told = [a['text'] for a in first if a['kind'] == 'modbus_function_undefined']
            t.ok(any('unknown-42' in text for text in told), '%s: the response of function 42 is undefined (%s)' % (row, name), told)
        one = first[0]['id']
        for state, args in (('muted', ('mute', one)), ('closed', ('close', one)), ('learned', ('learn', one))):
            fresh.ask('alerts', *args)
            t.equal(by('id', alerts(fresh))[one]['state'], state, '%s: %s (%s)' % (row, state, name))
        fresh.ask('alerts', 'unlearn', one)
        t.equal(by('id', alerts(fresh))[one]['state'], 'closed', '%s: and unlearned (%s)' % (row, name))
    row = '1.7 alert states: closed by themselves after 90 days'
    asked = Asked(t, '--state', t.dir('old'))
    asked.ask('canary', 'add', '10.0.0.99', 'nobody')
    asked.ask('-q', '-r', capture('old', talk('10.0.0.3', '10.0.0.99', 5)))
    asked.ask('-q', '-r', capture('89', talk('10.0.0.3', '10.0.0.98', 89 * DAY) + talk('10.0.0.3', '10.0.0.98', 89 * DAY + 3700)))
    state = [a['state'] for a in alerts(asked) if a['kind'] == 'canary']
    t.equal(state, ['new'], row + ': not before')
    asked.ask('-q', '-r', capture('91', talk('10.0.0.3', '10.0.0.98', 91 * DAY) + talk('10.0.0.3', '10.0.0.98', 91 * DAY + 90000)))
    t.equal([a['state'] for a in alerts(asked) if a['kind'] == 'canary'], ['closed'], row)


def learning_modes():
    row = '1.7 learning and operational modes'
    for name, path, asked in on(row, ('s7comm', made('s7comm')), S7SNAP):
        rules = {a['kind'] for a in alerts(asked) if not a.get('list')}
        t.ok('controller_stop' in rules, '%s: rules tell while the lists learn (%s)' % (row, name), rules)
        t.equal([a for a in alerts(asked) if a['kind'] in ('new_terminal', 'ot_behaviour', 'ip_communication')], [], '%s: lists do not (%s)' % (row, name))
        asked.ask(*DETECTING)
        t.ok('controller_stop' in {a['kind'] for a in detected(asked, path)}, '%s: and in detecting mode both do (%s)' % (row, name))


TEN_LINES = '''
local alert = require "alert"
local write = alert.kind {
  name = "night_write", severity = "high", category = "custom",
  en = { "Write at night", "{source} writes register {address} of {target}" },
}
on("modbus.request", "func in {6, 16} and address in 0..199", function(e)
  local _, hour = e.ts:clock()
  if (hour < 8 or hour >= 18) and e.orig_h ~= addr "10.99.0.1" then write { event = e, address = e.address } end
end)'''


def custom_rules():
    row = '1.7 custom alert rules'
    rule = t.write('night_write.lua', TEN_LINES.replace('address in 0..199', 'address < 200'))
    for name, path in (('modbus-all', made('modbus-all')), ('MODALL', real('icsnpp-modbus__modbus_example.pcap'))):
        if not path:
            t.skip('%s (%s)' % (row, name), 'the public captures are not here')
            continue
        hours = []
        for zone in ('UTC', 'UTC-6', 'UTC-12', 'UTC-18'):
            asked = fresh_state(row, name + zone)
            asked.ask('-q', '-r', path, rule, env={'TZ': zone})
            hours.append(any(a['kind'] == 'night_write' for a in alerts(asked)))
        t.ok(any(hours) and not all(hours), '%s: ten lines tell of a write outside of working hours only (%s)' % (row, name), hours)


def abnormal_traffic():
    row = '1.8 abnormal traffic: target and source are extracted'
    path = capture('flood', [(i * 0.005, syn('10.0.0.1', 1024 + i % 60000, '10.0.0.2', 502)) for i in range(12000)])
    asked = Asked(t, '--state', t.dir('flood'))
    asked.ask('-q', '-r', path)
    floods = [a for a in alerts(asked) if a.get('target') == '10.0.0.2' and a.get('source')]
    t.ok(floods, row + ' (made)', [(a['kind'], a.get('source'), a.get('target')) for a in alerts(asked)])
    flood = [a for a in floods if a['kind'] == 'connection_flood']
    t.ok(flood and 'port 502' in flood[0]['text'] and '10.0.0.1 (' in flood[0]['text'], row + ': with port and the commonest sources (made)', floods)
    shown = asked.ask('alerts', 'show', flood[0]['id'] if flood else 'none').out
    t.ok('What to do: ' in shown and 'deny ip host 10.0.0.1 host 10.0.0.2' in shown, row + ': a countermeasure and a filter are told; nothing is sent', shown)


def canary():
    row = '1.8 honeypot: canary addresses'
    asked = Asked(t, '--state', t.dir('canary'))
    asked.ask('canary', 'add', '10.0.0.99', 'nobody')
    asked.ask('-q', '-r', capture('canary', talk('10.0.0.1', '10.0.0.98', 0) + talk('10.0.0.3', '10.0.0.99', 5)))
    t.equal([(a['source'], a['target']) for a in alerts(asked) if a['kind'] == 'canary'], [('10.0.0.3', '10.0.0.99')], row + ': any packet to one, and only that')


def cases():
    row = '1.8 case handling'
    asked = Asked(t, '--state', t.dir('case'))
    asked.ask('-q', '-r', made('demo'))
    one = alerts(asked)[0]
    asked.ask('alerts', 'ack', one['id'], '--who', 'bob', '--comment', 'seen at the machine')
    asked.ask('alerts', 'assign', one['id'], '--owner', 'eve', '--due', '2020-01-01T00:00:00Z', '--who', 'ann')
    now = by('id', alerts(asked))[one['id']]
    t.equal((now['owner'], now['overdue'], now['state']), ('eve', True, 'acknowledged'), row + ': owner, due date, overdue')
    shown = asked.ask('alerts', 'show', one['id']).out
    t.ok('ann' in shown and 'bob: acknowledged, seen at the machine' in shown, row + ': history with comments', shown)
    found = asked.rows('alerts', '--where', 'text ~ "%s"' % one['text'][:12])
    t.ok(one['id'] in {a['id'] for a in found}, row + ': found by its text')


def explains():
    row = '1.8 forensic support: an alert explains itself'
    asked = Asked(t, '--state', t.dir('explains'))
    asked.ask('-q', '-r', made('demo'))
    shown = [asked.ask('alerts', 'show', a['id']).out for a in alerts(asked)]
    t.ok(shown and all(part in s for s in shown for part in ('What it means: ', 'What to do: ', 'Raised by: ')), row + ': meaning, advice, script line')


PARTS = {
    'lists': (new_terminal, vulnerable_terminal, ip_communication, ip_volume, ip_statistics, ot_behaviour, ot_behaviour_ethernet, signature),
    'edits': (terminals_list, vulnerable_list, communication_list, volume_list, statistics_level, functions_watched,
              functions_watched_ethernet, status),
    'alerts': (alert_list, alert_states, learning_modes, custom_rules, abnormal_traffic, canary, cases, explains),
}
for part in sys.argv[1:] or PARTS:
    for check in PARTS[part]:
        check()
t.finish()
