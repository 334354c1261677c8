#!/usr/bin/env python3
"""melsec.py - the MELSEC communication protocol as its maker tells it: each exchange of the truth beside what the engine says of it, frame,
command, devices, points, values, end code, operation and outcome. The maker shares nothing with the analyzer, nor does this table of operations.
"""
import collections
import difflib
import hashlib
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import CAPTURES, Run, Tap  # noqa: E402

FIELDS = ['frame', 'format', 'pdu_type', 'serial', 'network', 'station', 'module_io', 'multidrop', 'subcommand', 'device_code', 'head_device',
          'points', 'devices', 'values', 'end_code', 'address', 'drive', 'name', 'model', 'new_ip', 'latency']
SCRIPT = '''
local function row(kind, e, names)
	local out = { kind }
	for i, name in ipairs(names) do
		local v = e[name]
		out[i + 1] = type(v) == "table" and "{" .. table.concat(v, ",") .. "}" or tostring(v)
	end
	print(table.concat(out, "\\t"))
end
on("slmp.message", function(e) row("message", e, { "orig_h", "orig_p", "resp_h", "resp_p", %s }) end)
on("ot.operation", function(e) if e.protocol == "slmp" then
	row("operation", e, { "client", "server", "server_p", "func_code", "op", "target", "func" }) end end)
on("ot.outcome", function(e) if e.protocol == "slmp" then
	row("outcome", e, { "client", "server", "server_p", "func_code", "op", "outcome", "error", "unmatched", "unsure" }) end end)
''' % ', '.join('"%s"' % f for f in FIELDS)

# What each command does to a device; several where it is a matter of words.
OPS = {'remote_run': 'start', 'remote_stop': 'stop', 'remote_pause': 'stop mode', 'remote_latch_clear': 'reset', 'remote_reset': 'reset',
       'clear_error': 'clear', 'unlock': 'authenticate', 'lock': 'authenticate', 'read_model': 'discover', 'self_test': 'diagnose',
       'loopback': 'diagnose', 'node_search': 'discover', 'set_ip_address': 'configure', 'monitor': 'read', 'monitor_register': 'read',
       'identify': 'discover', 'get_parameter': 'read', 'set_parameter': 'configure', 'start_parameters': 'configure', 'end_parameters': 'configure',
       'read_status': 'diagnose read discover', 'get_communication_setting': 'read discover diagnose', 'clear_error_history': 'clear',
       'clear_event_history': 'clear', 'get_event_history': 'diagnose read', 'indicate': 'diagnose discover', 'stop_own_cyclic': 'stop',
       'start_own_cyclic': 'start', 'stop_other_cyclic': 'stop', 'start_other_cyclic': 'start', 'write_link_parameter': 'configure',
       'list_files': 'program_read', 'read_file_numbers': 'program_read', 'read_drive': 'read program_read diagnose', 'defragment_drive': 'program_write configure', 'test': 'write'}
FILES = re.compile('(create|delete|copy|write)_file$|change_')
READS_FILES = re.compile('(search|open|read|close)_file$|read_directory$')
HEXADECIMAL = {'X', 'Y', 'B', 'W', 'SB', 'SW', 'DX', 'DY'}
BITS = {'X', 'Y', 'M', 'L', 'F', 'V', 'B', 'SM', 'SB', 'S', 'DX', 'DY', 'TS', 'TC', 'CS', 'CC', 'STS', 'STC'}


def op_of(row):
    name = row['name']
    if name in OPS:
        return OPS[name].split()
    if name == 'open_file' and row.get('to_write'):
        return ['program_write']
    if FILES.match(name):
        return ['program_write']
    if READS_FILES.match(name):
        return ['program_read', 'program_write']
    return [name.split('_')[0]]


def place(device):
    """What is in front of the device: a network, a module."""
    if 'network' in device:
        return 'J%d\\' % device['network']
    return 'U%X\\' % device['module'] if 'module' in device else ''


def extent(row, device):
    """First and last device touched: a word of a bit device is sixteen of them."""
    unit = device.get('unit') or ('bit' if is_bit(row) else 'word')
    each = {'bit': 1, 'word': 16, 'dword': 32} if device['device'] in BITS else {'bit': 1, 'word': 1, 'dword': 2}
    return device['head'], device['head'] + device['points'] * each[unit] - 1


def is_bit(row):
    if row['frame'] == '1E':
        return int(row['command'], 16) in (0, 2, 4, 6)
    return int(row['subcommand'], 16) & 1 == 1


def target_of(row):
    """The devices as a set of (place, name, first, last)."""
    return {(place(d), d['device']) + extent(row, d) for d in row.get('devices', [])}


def parse_range(text, base):
    first, _, last = text.partition('-')
    return int(first, base), int(last or first, base)


def parse_target(target):
    """'D:100-102' and 'device:D15 X1A-1F J1\\W100' alike; None for anything else."""
    out = set()
    one = re.match(r'((?:[JU][0-9A-F]+\\)?)([A-Z]+):(\d+(?:-\d+)?)$', target)
    if one:
        return {(one.group(1), one.group(2)) + parse_range(one.group(3), 10)}
    if not target.startswith('device:'):
        return None
    for word in target[7:].split():
        word = re.sub('L?Z[0-9]+$', '', word) if re.search('[0-9A-F]L?Z[0-9]+$', word) else word  # an index register that is added
        m = re.match(r'((?:[JU][0-9A-F]+\\)?)(.*)$', word)
        name = max((n for n in list(BITS) + ['D', 'W', 'SW', 'R', 'ZR', 'Z', 'SD', 'TN', 'CN', 'STN', 'LZ', 'RD', 'G', 'HG']
                    if re.match(n + '[0-9]', m.group(2)) or n in HEXADECIMAL and re.match(n + '[0-9A-F]', m.group(2))), key=len, default=None)
        if not name:
            return None
        out.add((m.group(1), name) + parse_range(m.group(2)[len(name):], 16 if name in HEXADECIMAL else 10))
    return out


class Message:
    def __init__(self, cells):
        self.orig, self.orig_p, self.resp, self.resp_p = cells[:4]
        self.fields = {n: v for n, v in zip(FIELDS, cells[4:]) if v != 'nil'}
        self.operation = self.outcome = None

    def __getattr__(self, name):
        return self.fields.get(name, '')


def spoken(t, capture, known):
    """Messages of the engine by (client, server, port, kind), in order, each with its operation and outcome; who is client, KNOWN tells."""
    r = Run('-q', '-r', capture, '-e', SCRIPT)
    t.ok(r.code == 0 and not r.err, 'the engine runs', r.said())
    found, before = collections.defaultdict(list), {}
    for line in r.out.splitlines():
        cells = line.replace('\\\\', '\\').split('\t')  # values are escaped as in logs
        if cells[0] != 'message':
            before[cells[0]] = cells[1:]
            continue
        m = Message(cells[1:])
        m.operation, m.outcome = before.pop('operation', None), before.pop('outcome', None)
        there, back = (m.orig, m.resp, number(m.resp_p)), (m.resp, m.orig, number(m.orig_p))
        found[(back if back in known and (there not in known or m.pdu_type == 'response' and m.orig_p == m.resp_p) else there) + (m.pdu_type,)].append(m)
    return found


def number(text):
    return int(re.match(r'\d+', text).group())


def values_of(text):
    return [int(v) for v in re.findall(r'\d+', text)][:8]


def request_wrong(row, m):
    wrong = same(row, m)
    op = m.operation
    if not op:
        return wrong + ['no operation']
    if int(op[3]) != int(row['command'], 16):
        wrong.append('command %s, func_code %s' % (row['command'], op[3]))
    if row['name'] in ('lock', 'unlock') and not re.search('(^|_)' + row['name'] + '$', op[6]):
        wrong.append('func %s, expected %s' % (op[6], row['name']))
    if op[4] not in op_of(row):
        wrong.append('op %s, expected %s' % (op[4], ' or '.join(op_of(row))))
    if row.get('devices') and parse_target(op[5]) != target_of(row):
        wrong.append('target %s, expected %s' % (op[5], sorted(target_of(row))))
    if row.get('labels') and not all(name.split('.')[-1] in op[5] for name in row['labels']):
        wrong.append('target %s, expected labels %s' % (op[5], row['labels']))
    if 'file' in row and row['file'] not in op[5]:
        wrong.append('target %s, expected file %s' % (op[5], row['file']))
    if 'address' in row and not re.search(r'\b%d\b' % row['address'], op[5]):
        wrong.append('target %s, expected address %d' % (op[5], row['address']))
    if op_of(row) == ['write'] and 'values' in row and values_of(m.values) != row['values']:
        wrong.append('values %s, expected %s' % (m.values, row['values']))
    if len(row.get('devices', [])) == 1 and (m.device_code, m.head_device, m.points) != tuple(
            str(row['devices'][0][k]) for k in ('device', 'head', 'points')):
        wrong.append('device %s %s, %s points, expected %s' % (m.device_code, m.head_device, m.points, row['devices']))
    return wrong


def response_wrong(row, m):
    wrong = same(row, m)
    sure = row.get('seen') != 'response' and not row.get('unsure')
    if (int(m.outcome[3]) if m.outcome else None) != int(row['command'], 16) and sure:
        wrong.append('command %s, outcome %s' % (row['command'], m.outcome))
    code = int(m.end_code.split('=')[-1], 0) if re.match(r'(0x|\d)', m.end_code) else m.end_code
    if row['end_code'] == 0:
        if code not in (0, 'normal', 'success'):
            wrong.append('end code %s, expected 0' % m.end_code)
        if m.outcome and m.outcome[5] != 'ok':
            wrong.append('outcome %s, expected ok' % m.outcome[5])
    else:
        if code in (0, 'normal', 'success', ''):
            wrong.append('end code %s, expected %04x' % (m.end_code, row['end_code']))
        if row.get('seen') != 'response' and (not m.outcome or m.outcome[5] == 'ok'):
            wrong.append('outcome %s of end code %04x' % (m.outcome, row['end_code']))
    if sure and 'latency' in row and abs(float(re.match(r'[\d.]*', m.latency).group() or 'nan') - row['latency']) > 2e-6:
        wrong.append('latency %s, expected %.6f' % (m.latency, row['latency']))
    reads = 'values' in row and op_of(row) == ['read'] and row['end_code'] == 0
    if reads and sure and values_of(m.values) != row['values']:
        wrong.append('values %s, expected %s' % (m.values, row['values']))
    return wrong


def same(row, m):
    wrong = []
    expected = {'frame': row['frame'], 'format': row['code']}
    if row['frame'] != '1E':
        route = row.get('route', '0/255/03ff/0').split('/')
        expected.update(network=route[0], station=route[1], module_io=str(int(route[2], 16)), multidrop=route[3])
        if row.get('seen') != 'response' and not row.get('unsure'):
            expected['subcommand'] = str(int(row['subcommand'], 16))
    if row['frame'] == '4E':
        expected['serial'] = str(row['serial'])
    for name, value in expected.items():
        if getattr(m, name) != value:
            wrong.append('%s %s, expected %s' % (name, getattr(m, name) or '-', value))
    return wrong


def told(row):
    devices = ' '.join('%s%s%d*%d' % (place(d), d['device'], d['head'], d['points']) for d in row.get('devices', []))
    return '%s %s %s/%s %s %s%s' % (row['frame'], row['code'], row['command'], row.get('subcommand', ''), row['name'], devices or row.get('file', ''),
                                    ' end %04x' % row['end_code'] if row.get('end_code') else '')


def alike(rows, messages, side):
    """Pairs of row and message; None on the side that has nothing."""
    def row_key(r):
        return r['code'], r['frame'], r['command'], r.get('serial'), str(r['devices'][0]['head']) if side == 'request' and len(r.get('devices', [])) == 1 else ''

    def message_key(m):
        func = m.operation or m.outcome
        width = 2 if m.frame == '1E' else 4
        many = m.devices or not m.head_device or m.pdu_type == 'response'
        return m.format, m.frame, '%0*x' % (width, int(func[3])) if func else '', int(m.serial) if m.serial else None, '' if many else m.head_device

    a, b = [row_key(r) for r in rows], [message_key(m) for m in messages]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for k in range(max(i2 - i1, j2 - j1)):
            yield rows[i1 + k] if i1 + k < i2 else None, messages[j1 + k] if j1 + k < j2 else None


def check(t, capture):
    truth = json.load(open(capture.replace('.pcap', '.truth.json')))['messages']
    found = spoken(t, capture, {(r['client'], r['server'], r['port']) for r in truth})
    expected = collections.defaultdict(list)
    for row in truth:
        for side in ('request', 'response'):
            if row.get('seen', side) == side:
                expected[row['client'], row['server'], row['port'], side].append(row)
    for key in sorted(expected, key=str):
        rows, messages = expected[key], found.pop(key, [])
        if any('serial' in r for r in rows) and key[3] == 'response':
            order = {r['serial']: n for n, r in enumerate(rows) if 'serial' in r}
            messages = sorted(messages, key=lambda m: order.get(int(m.serial or -1), 1 << 20))
        for row, m in alike(rows, messages, key[3]):
            if not m:
                t.ok(False, '%s %s -> %s:%d %s' % (key[3], key[0], key[1], key[2], told(row)), 'the engine says nothing of it')
            elif not row:
                t.ok(False, '%s %s -> %s:%d' % (key[3], key[0], key[1], key[2]), 'nobody said %s, %s' % (m.fields, m.operation))
            else:
                wrong = (request_wrong if key[3] == 'request' else response_wrong)(row, m)
                t.ok(not wrong, '%s %s -> %s:%d %s' % (key[3], key[0], key[1], key[2], told(row)), '\n'.join(wrong))
    for key in sorted(found, key=str):
        t.ok(False, 'nothing but what was said', '%s: %s' % (key, [m.fields for m in found[key]][:4]))


# Of each controller what it tells of itself: model names, and the addresses that the search found.
FACTS = {'10.7.0.11 model Q03UDVCPU', '10.7.0.12 model R04CPU', '10.7.0.13 model FX3U', '10.7.0.12 name OVEN'}
PASSWORD = 'Sakura-77'


def facts(t, capture):
    """What is revealed of the controllers is a fact; a password that was sent is nowhere."""
    r = Run('-q', '-r', capture, '-e', 'on("asset.fact", function(e) print(e.ip, e.key, e.value) end)')
    told = {line.replace('\t', ' ') for line in r.out.splitlines()}
    for fact in sorted(FACTS):
        address, key, value = fact.split(' ')
        t.ok(any(line.startswith(address) and key in line and value in line for line in told), 'fact: ' + fact, sorted(told))
    out = t.dir('all')
    r = Run('-q', '-r', capture, '-l', out, '--json', '--profile', 'zeek', '-e', 'on("*", function(e) print(e) end)')
    texts = [r.out] + [open(os.path.join(out, f), errors='replace').read() for f in sorted(os.listdir(out))]
    coded = (PASSWORD, PASSWORD.encode().hex(), PASSWORD.encode().hex().upper())
    t.ok(not any(code in text for text in texts for code in coded), 'the password is in no output')


def transfers(t, capture):
    """What a file was read or written with is one transfer, with the hash of its content."""
    out = t.dir('transfers')
    Run('-q', '-r', capture, '-l', out, '--json')
    log = os.path.join(out, 'program_transfer.log')
    rows = [json.loads(line) for line in open(log)] if os.path.exists(log) else []
    told = sorted((r['client'], r['server'], r['server_p'], r['direction'], r['name'], r['size'], r['sha256']) for r in rows
                  if r['protocol'] == 'slmp' and r['direction'] in ('upload', 'download'))
    made = sorted((r['client'], r['server'], r['port'], r['direction'], r['name'], len(r['content']),
                   hashlib.sha256(r['content'].encode()).hexdigest())
                  for r in json.load(open(capture.replace('.pcap', '.truth.json')))['transfers'])
    t.ok(told == made, 'transfers of files with their hashes', 'told %s\nmade %s' % (told, made))


def main():
    t = Tap()
    capture = sys.argv[1] if len(sys.argv) > 1 else os.path.join(CAPTURES, 'melsec.pcap')
    check(t, capture)
    facts(t, capture)
    transfers(t, capture)
    t.finish()


main()
