#!/usr/bin/env python3
"""otoscope send against real servers: what is delivered, to whom, in which order and form; far ends that are down, die in the middle, refuse; the
sender killed at any moment. Nothing is lost, nothing comes twice without saying so, nothing secret is printed."""
import email
import email.policy
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import farends
from farends import HOST, until
from tap import CAPTURES, OTOSCOPE, Run, Tap

t = Tap()
DEMO = os.path.join(CAPTURES, 'demo.pcap')
ENV = {'TZ': 'UTC', 'no_proxy': '*', 'NO_PROXY': '*'}
KEY, CERT = farends.certificate(t.scratch)
SECRET = 'k3y-nobody-may-see'
printed = []  # everything that any sender printed


# ------------------------------------------------------------------------------------------------ words

def spooled(name, configuration, records):
    """A state folder with these records in its spool, as the engine writes them."""
    state = t.dir(name)
    t.write(name + '/send.lua', configuration)
    add(state, records)
    return state


def add(state, records):
    db = sqlite3.connect(os.path.join(state, 'spool.db'), timeout=10)
    db.executescript('PRAGMA journal_mode = WAL;'
                     'CREATE TABLE IF NOT EXISTS spool (seq INTEGER PRIMARY KEY AUTOINCREMENT, mark TEXT UNIQUE, ts_ns INTEGER, record TEXT);'
                     'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;'
                     "INSERT OR IGNORE INTO meta VALUES ('dropped', 0), ('id', 'f00d');")
    with db:
        for r in records:
            db.execute('INSERT INTO spool (ts_ns, record) VALUES (?, ?)', (r.pop('ts_ns', 1700000000123456789), json.dumps(r)))
    db.close()


def alert(i, **more):
    return dict({'time': '2023-11-14T22:13:20.123Z', 'sensor': 'otoscope', 'id': '%08x' % i, 'state': 'new', 'kind': 'port_scan', 'severity': 'high',
                 'category': 'scan', 'source': '10.0.0.%d' % (i % 250 + 1), 'target': '10.1.0.1', 'title': 'Port scan', 'text': 'number %d' % i,
                 'attack': 'T0846'}, **more)


def send(state, *args, code=0):
    r = Run('send', '--state', state, *args, env=ENV, timeout=60)
    printed.append(r.out + r.err)
    if r.code != code or 'Sanitizer' in r.err:
        t.ok(False, 'exit code %d of send %s' % (code, ' '.join(args)), r.said())
    return r


class Sender:
    """A sender that runs until it is told to stop, or killed."""

    def __init__(self, state):
        self.process = subprocess.Popen([OTOSCOPE, 'send', '--state', state], env=dict(os.environ, **ENV), stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=30)
        printed.append(out.decode())
        if b'Sanitizer' in out:
            t.ok(False, 'a sanitizer speaks', out.decode())
        return self.process.returncode


def ids(bodies):
    return [b['alert']['id'] for b in bodies]


def expected(n, first=0):
    return ['%08x' % i for i in range(first, first + n)]


def once_each(bodies, n, name):
    """Nothing lost, in order, and what came twice says so."""
    seen, wrong, order = {}, [], []
    for b in bodies:
        i = b['alert']['id']
        if i in seen and b['attempt'] <= seen[i]:
            wrong.append('%s came again with attempt %d' % (i, b['attempt']))
        if i not in seen:
            order.append(i)
        seen[i] = b['attempt']
    t.equal(order, expected(n), '%s: nothing is lost, and all is in order' % name)
    t.equal(wrong, [], '%s: what comes again is marked (%d did)' % (name, len(bodies) - len(seen)))


# ------------------------------------------------------------------------------------------------ RFC 5424, CEF, LEEF, read back

HEADER = re.compile(rb'<(\d+)>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) ([!-~]+) otoscope - ([!-~]{1,32}) (.*)', re.S)


def structured(data):
    """Parameters of the one element that [..] holds, and what is behind it (RFC 5424 6.3)."""
    assert data[:1] == b'[', data
    at = data.index(b' ')
    found = {}
    while data[at:at + 1] == b' ':
        equals = data.index(b'=', at)
        name, value, at = data[at + 1:equals].decode(), b'', equals + 2
        assert data[equals + 1:equals + 2] == b'"', data[equals:]
        while data[at:at + 1] != b'"':
            if data[at:at + 1] == b'\\':
                at += 1
                assert data[at:at + 1] in (b'"', b'\\', b']'), data[at:]
            else:
                assert data[at:at + 1] != b']', data[at:]
            value += data[at:at + 1]
            at += 1
        found[name] = value.decode()
        at += 1
    assert data[at:at + 1] == b']', data[at:]
    return found, data[at + 1:]


def read_cef(text):
    """Header and extension by the format's own rules: seven fields to unescaped bars, then keys where a word stands before an unescaped =."""
    assert text.startswith('CEF:0|')
    head, field, at = [], '', 0
    while len(head) < 7:
        if text[at] == '\\':
            assert text[at + 1] in '|\\', text[at:]
            field += text[at + 1]
            at += 2
            continue
        if text[at] == '|':
            head.append(field)
            field = ''
        else:
            field += text[at]
        at += 1
    rest, out = text[at:], {}
    keys = list(re.finditer(r'(?:^| )(\w+)=', rest))
    for i, k in enumerate(keys):
        value = rest[k.end():keys[i + 1].start() if i + 1 < len(keys) else len(rest)]
        assert not re.search(r'(?<!\\)(?:\\\\)*=', value), value
        out[k.group(1)] = re.sub(r'\\([\\=nr])', lambda m: {'n': '\n', 'r': '\r'}.get(m.group(1), m.group(1)), value)
    return head, out


def read_leef(text):
    head = text.split('|', 6)
    assert head[0] == 'LEEF:2.0' and head[5] == 'x09', head
    return head[4], dict(pair.split('=', 1) for pair in head[6].split('\t'))


NASTY = 'a "quoted" \\ bar | equals = bracket ] key=value\nnext\tline \x01 日本語'
NASTY_LINE = 'a "quoted" \\ bar | equals = bracket ] key=value next line   日本語'
FORMS = [
    alert(0),
    alert(1, text=NASTY, title=NASTY, source_name=NASTY, kind='user rule|x', severity='critical', category='a=b|c\\d'),
    alert(2, source='fe80::1', target='2001:db8::2', severity='low'),
    alert(3, source='00:11:22:aa:bb:cc', target='00:11:22:aa:bb:dd', severity='info'),
    alert(4, text='x' * 5000, severity='medium'),
]

udp, tcp, tls = farends.Datagrams().up(), farends.Streams().up(), farends.Streams(CERT and farends.server_context(KEY, CERT)).up()
lines = farends.Streams(lines=True).up()
state = spooled('forms', '''
syslog { name = "text", to = "udp://127.0.0.1:%d", host = "plant one" }
syslog { name = "cef", to = "tcp://127.0.0.1:%d", format = "cef", facility = "local4" }
syslog { name = "leef", to = "%s://127.0.0.1:%d", format = "leef"%s }
syslog { name = "lines", to = "tcp://127.0.0.1:%d", lines = true }
''' % (udp.port, tcp.port, 'tls' if CERT else 'tcp', tls.port if CERT else lines.port, ', ca = "%s"' % CERT if CERT else '', lines.port),
    [dict(f) for f in FORMS])
send(state, '--once')
t.equal([len(f.got) for f in (udp, tcp, lines)], [5, 5, 5 if CERT else 10], 'UDP, TCP by count and by line: all five arrive')
PRIORITY = {'info': 6, 'low': 5, 'medium': 4, 'high': 3, 'critical': 2}
bad = []
for sent, got in zip(FORMS, udp.got):
    m = HEADER.fullmatch(got)
    params, rest = structured(m.group(5))
    want = {k: str(sent[k]).replace('\n', ' ').replace('\t', ' ').replace('\x01', ' ') for k in
            ('id', 'kind', 'severity', 'source', 'target', 'category', 'source_name', 'attack') if k in sent}
    want.update(state='new', attempt='1')
    if int(m.group(1)) != 16 * 8 + PRIORITY[sent['severity']] or m.group(2) != b'2023-11-14T22:13:20.123Z' or m.group(3) != b'plant_one':
        bad.append(got)
    if any(params.get(k) != v for k, v in want.items()) or not rest.startswith(' \ufeff'.encode()) or len(got) > 2048:
        bad.append((params, want, rest))
t.equal(bad, [], 'RFC 5424: header, priority, time, parameters with " \\ ] escaped, UTF-8 behind a BOM, at most 2048 bytes')
t.ok(udp.got[1].decode().endswith(NASTY_LINE + ': ' + NASTY_LINE), 'and the text as it was, on one line', udp.got[1].decode())
t.ok(udp.got[4].endswith(b'x...'), 'a text too long for a datagram is cut')
t.ok(len(lines.got[4]) > 5000 and b'\n' not in b''.join(lines.got), 'over a stream it is whole; by lines no message has a line end')

bad = []
for sent, got in zip(FORMS, tcp.got):
    m = HEADER.fullmatch(got)
    head, ext = read_cef(m.group(5)[2:].decode())
    v6, mac = ':' in sent['source'] and sent['source'].count(':') != 5, sent['source'].count(':') == 5
    want = {'externalId': sent['id'], 'msg': sent['text'].replace('\t', ' ').replace('\x01', ' '), 'cs1': 'T0846', 'cs1Label': 'ATT&CK for ICS', 'cn1': '1', 'rt': '1700000000123',
            'cat': sent['category'], ('c6a2' if v6 else 'smac' if mac else 'src'): sent['source'], ('c6a3' if v6 else 'dmac' if mac else 'dst'): sent['target']}
    severity = {'info': 1, 'low': 3, 'medium': 5, 'high': 8, 'critical': 10}[sent['severity']]
    if head[0] != 'CEF:0' or head[4] != sent['kind'] or head[5] != sent['title'].replace('\n', ' ').replace('\t', ' ').replace('\x01', ' ') or head[6] != str(severity):
        bad.append(head)
    if sent['id'] == '00000001':
        # "key=value" inside a value reads back as text because its = is escaped
        want['msg'] = NASTY.replace('\t', ' ').replace('\x01', ' ')
    wrong = {k: (ext.get(k), v) for k, v in want.items() if ext.get(k) != v}
    if wrong or int(m.group(1)) // 8 != 20:
        bad.append(wrong)
t.equal(bad, [], 'CEF: header with | and \\ escaped, extension with = and \\ and line ends escaped, addresses under their keys')
if CERT:
    bad = []
    for sent, got in zip(FORMS, tls.got):
        kind, ext = read_leef(HEADER.fullmatch(got).group(5)[2:].decode())
        want = {'msg': re.sub('[\n\t\x01]', ' ', sent['text']), 'sev': str({'info': 1, 'low': 3, 'medium': 5, 'high': 8, 'critical': 10}[sent['severity']]),
                'devTime': '2023-11-14T22:13:20.123+0000', 'alertId': sent['id'], 'attempt': '1',
                ('srcMAC' if sent['source'].count(':') == 5 else 'src'): sent['source']}
        if kind != sent['kind'].replace('|', '_') or any(ext.get(k) != v for k, v in want.items()):
            bad.append((kind, ext))
    t.equal((bad, len(tls.got)), ([], 5), 'LEEF over TLS: nothing that separates is in a value')
else:
    t.skip('LEEF over TLS', 'needs openssl')

# ------------------------------------------------------------------------------------------------ down, then up; dying in the middle

N = 40
web, stream, wire = farends.Web(), farends.Streams(), farends.Datagrams()
state = spooled('down', '''
webhook { name = "web", to = "http://127.0.0.1:%d/" }
syslog { name = "stream", to = "tcp://127.0.0.1:%d", format = "cef" }
syslog { name = "wire", to = "udp://127.0.0.1:%d" }
''' % (web.port, stream.port, wire.port), [alert(i) for i in range(N)])
r = send(state, '--once', code=1)
t.contains(r.err, 'given up for now', '--once gives up when nobody is there')
t.contains(send(state, '--status').out, 'web                          40          0', '--status: all of it waits')
sender = Sender(state)
time.sleep(0.3)
web.up(), stream.up(), wire.up()
t.ok(until(lambda: len(web.got) == N and len(stream.got) == N and len(wire.got) == N), 'down, then up: all arrive', (len(web.got), len(stream.got), len(wire.got)))
once_each([b for b, _ in web.got], N, 'webhook')
t.ok(all(b['attempt'] == 1 for b, _ in web.got) and all(b'cn1=1 ' in m for m in stream.got), 'what surely did not arrive needs no mark')
t.equal([re.search(rb'id="(\w+)"', m).group(1).decode() for m in wire.got], expected(N), 'UDP: in order, once each: the far host said that nobody listened')
web.answers = ['die', 503, 'die', 200, 500, 429]
stream.dies_after = len(stream.got) + 7
add(state, [alert(i) for i in range(N, 2 * N)])
t.ok(until(lambda: len(web.got) == 2 * N and len({m.split(b'externalId=')[1][:8] for m in stream.got}) == 2 * N, 40), 'dying in the middle: all arrive',
     (len(web.got), len(stream.got)))
t.equal(sender.stop(), 0, 'Ctrl-C ends it')
once_each([b for b, _ in web.got], 2 * N, 'webhook that dies')
once_each(web.may_have, 2 * N, 'also what was cut off')
tried = [(b['alert']['id'], b['attempt']) for b, _ in web.tried if b['alert']['id'] in expected(2, N)]
t.equal(tried[:3], [('%08x' % N, 1), ('%08x' % N, 2), ('%08x' % N, 2)], 'no answer: may have arrived, marked; 503: surely not, and the mark stays')
once_each([{'alert': {'id': m.split(b'externalId=')[1][:8].decode()}, 'attempt': int(m.split(b'cn1=')[1].split()[0])} for m in stream.got], 2 * N, 'TCP that dies')
t.equal(len({h['Idempotency-Key'] for _, h in web.got}), 2 * N, 'every message has a key of its own, the same for each attempt')
for end in (udp, tcp, tls, lines, web, stream, wire):
    end.down()

# ------------------------------------------------------------------------------------------------ killed at any moment

N = 300
web = farends.Web().up()
stream = farends.Streams().up()
state = spooled('killed', 'webhook { name = "web", to = "http://127.0.0.1:%d/" }\nsyslog { name = "stream", to = "tcp://127.0.0.1:%d", format = "cef" }\n'
                % (web.port, stream.port), [alert(i) for i in range(N)])
chance, kills = random.Random(11), 0
while kills < 25:
    sender, before = Sender(state), len(web.got)
    until(lambda: len(web.got) > before or len(web.got) >= N, 5)
    time.sleep(chance.uniform(0, 0.03))
    sender.process.kill()
    sender.process.communicate()
    kills += 1
send(state, '--once')
web.down()
stream.down()
once_each(web.may_have, N, 'kill -9 at %d moments' % kills)
once_each([{'alert': {'id': m.split(b'externalId=')[1][:8].decode()}, 'attempt': int(m.split(b'cn1=')[1].split()[0])} for m in stream.got], N,
          'kill -9 at %d moments, TCP' % kills)

# ------------------------------------------------------------------------------------------------ rules

RULES = [
    ('severity = "high"', [2, 3, 6]), ('severity = "critical"', [3]), ('kind = "port_*"', [0, 2]), ('kind = { "arp_scan", "new_terminal" }', [1, 6]),
    ('source = "10.0.0.0/8"', [0, 3]), ('asset = "192.168.5.5"', [0, 2]), ('target = { "fe80::/10" }', [1]), ('asset = "00:11:22:33:44:55"', [6]),
    ('category = "restart/stop"', [3]), ('rules = { { severity = "critical" }, { kind = "arp_scan", severity = "low" } }', [1, 3]),
    ('severity = "low", except = { { source = "10.0.0.0/8" }, { kind = "new_terminal" } }', [1, 2]), ('state = "all"', [0, 1, 2, 3, 4, 5, 6]),
    ('state = { "acknowledged" }', [4]), ('state = "closed", severity = "high"', []),
    ('severity = "high", protocol = "modbus"', [3]),
]
state = spooled('rules', ''.join('webhook { name = "r%d", to = "http://127.0.0.1:PORT/%d", %s }\n' % (i, i, rule) for i, (rule, _) in enumerate(RULES)), [])
byrule = [farends.Web().up() for _ in RULES]
text = open(os.path.join(state, 'send.lua')).read().replace('PORT', '%d')
t.write('rules/send.lua', text % tuple(w.port for w in byrule))
add(state, [
    alert(0, severity='medium', source='10.9.9.9', target='192.168.5.5'), alert(1, severity='low', kind='arp_scan', source='fe80::1', target='fe80::2'),
    alert(2, source='192.168.5.5'), alert(3, severity='critical', kind='controller_stop', category='restart/stop', protocol='modbus'),
    alert(4, severity='low', kind='x', state='acknowledged', source='172.16.0.1', who='ann'), alert(5, severity='low', kind='x', state='closed', source='172.16.0.1'),
    alert(6, kind='new_terminal', source='00:11:22:33:44:55', target=''),
])
send(state, '--once')
for (rule, want), end in zip(RULES, byrule):
    t.equal(ids([b for b, _ in end.got]), ['%08x' % i for i in want], 'rule: ' + rule)
    end.down()

# ------------------------------------------------------------------------------------------------ what is refused, and answers

web = farends.Web().up()
state = spooled('refused', 'webhook { name = "web", to = "http://127.0.0.1:%d/", body = \'{"text":"{severity}: {text}","n":{seq}}\' }' % web.port,
                [alert(0, text='say "hi"\n'), alert(1), alert(2)])
web.answers = [200, 422]
r = send(state, '--once')
t.equal([b for b, _ in web.got], [{'text': 'high: say "hi"\n', 'n': 1}, {'text': 'high: number 2', 'n': 3}], 'a body of one\'s own, values escaped')
t.contains(r.err, 'will not take message 2', 'what the far end will never take is set aside, loudly')
t.equal(sqlite3.connect(os.path.join(state, 'delivery.db')).execute('SELECT destination, seq, why FROM refused').fetchall(),
        [('web', 2, 'HTTP 422: thank you')], 'and kept, with the reason')
t.equal(send(state, '--test', 'web').out, 'web: delivered: HTTP 200: thank you\n', '--test says what the far end answered')
web.answers = [404]
t.contains(send(state, '--test', 'web', code=1).out, 'web: not delivered: HTTP 404', 'also when it is nothing good')
t.contains(send(state, '--test', 'webb', code=2).err, 'did you mean web', '--test of a destination that is not there')
web.down()

# ------------------------------------------------------------------------------------------------ far ends that hang, and others beside them

slow, well = farends.Web().up(), farends.Web().up()
state = spooled('hang', 'webhook { name = "slow", to = "http://127.0.0.1:%d/", timeout = "500ms" }\nwebhook { name = "well", to = "http://127.0.0.1:%d/" }'
                % (slow.port, well.port), [alert(i) for i in range(10)])
slow.answers = ['late', 'late']
begin = time.time()
sender = Sender(state)
t.ok(until(lambda: len(well.got) == 10), 'a far end that hangs keeps its own alerts waiting, nobody else\'s')
t.ok(until(lambda: len(slow.got) == 10), 'and gets them when it answers again')
once_each(slow.may_have, 10, 'a far end that hangs')
slow.answers = ['late']
t.write('hang/send.lua', 'webhook { name = "slow", to = "http://127.0.0.1:%d/" }' % slow.port)
sender.stop()
add(state, [alert(10)])
sender = Sender(state)
until(lambda: not slow.answers)
r = Run('send', '--state', state, '--once', env=ENV)
t.ok(r.code == 1 and 'another otoscope send runs over' in r.err, 'a second sender over the same folder is refused', r.said())
begin = time.time()
t.equal(sender.stop(), 0, 'Ctrl-C while a far end hangs')
t.ok(time.time() - begin < 5, 'ends within its patience', time.time() - begin)
send(state, '--once')
t.equal([b['attempt'] for b in slow.may_have if b['alert']['id'] == '0000000a'], [1, 2], 'and the next run sends again, marked')
slow.down()
well.down()

# ------------------------------------------------------------------------------------------------ spools and destinations that are new

first, second = farends.Web().up(), farends.Web().up()
state = spooled('new', 'webhook { name = "a", to = "http://127.0.0.1:%d/" }' % first.port, [alert(i) for i in range(3)])
send(state, '--once')
t.write('new/send.lua', ('webhook { name = "%s", to = "http://127.0.0.1:%d/" }\n' * 2) % ('a', first.port, 'b', second.port))
t.contains(send(state, '--status').out, 'b ', '--status of a destination that was never served')
send(state, '--once')
add(state, [alert(3)])
send(state, '--once')
t.equal((len(first.got), ids([b for b, _ in second.got])), (4, expected(1, 3)), 'a destination that is added begins with what comes from then on')
for f in os.listdir(state):
    if f.startswith('spool.db'):
        os.remove(os.path.join(state, f))
send(state, '--once')
add(state, [alert(7)])
db = sqlite3.connect(os.path.join(state, 'spool.db'))
with db:
    db.execute("UPDATE meta SET value = 'beef' WHERE key = 'id'")
db.close()
send(state, '--once')
t.equal((ids([b for b, _ in first.got])[4:], len(second.got)), (['00000007'], 2), 'a spool that is another is read from its begin')
first.down()
second.down()

# ------------------------------------------------------------------------------------------------ TLS, tokens, and what must not be seen

token = t.write('token', SECRET + '\n')
os.chmod(token, 0o600)
if CERT:
    web = farends.Web(farends.server_context(KEY, CERT)).up()
    web.body = 'echo'
    other = farends.certificate(t.dir('other'))[1]
    state = spooled('tls', '''
webhook { name = "web", to = "https://127.0.0.1:%d/", ca = "%s", token = file "%s" }
webhook { name = "key", to = "https://127.0.0.1:%d/", ca = "%s", token = env "OTO_TEST_TOKEN", header = "X-Api-Key" }
webhook { name = "stranger", to = "https://127.0.0.1:%d/", ca = "%s" }
''' % (web.port, CERT, token, web.port, CERT, web.port, other), [])
    ENV['OTO_TEST_TOKEN'] = SECRET
    web.answers = [200, 401]
    t.contains(send(state, '--test', 'web').out, 'Bearer ' + '*' * len(SECRET), 'a far end that repeats the token: it is not shown')
    t.equal(web.got[0][1]['Authorization'], 'Bearer ' + SECRET, 'it was sent')
    send(state, '--test', 'web', code=1)
    send(state, '--test', 'key')
    t.equal(web.got[1][1].get('X-Api-Key'), SECRET, 'a header of one\'s own')
    t.contains(send(state, '--test', 'stranger', code=1).out, 'not delivered: SSL certificate', 'a far end that proves nothing gets nothing')
    send(state, '--check')
    web.down()
else:
    t.skip('TLS', 'needs openssl')

# ------------------------------------------------------------------------------------------------ mail

if CERT:
    mail = farends.Mail(farends.server_context(KEY, CERT), 'otoscope', SECRET).up()
    state = spooled('mail', '''
mail { name = "shift", server = "smtp://127.0.0.1:%d", ca = "%s", user = "otoscope", password = file "%s", from = "otoscope@example.com",
  to = { "a@example.com", "b@example.com" }, language = "ja" }
''' % (mail.port, CERT, token), [alert(0, title_ja='ポートスキャン', text_ja='10.0.0.1 がスキャン', text='scan', severity='low'),
                                alert(1, severity='critical', title='Controller stopped', meaning='It stands.', advice='Look.')])
    mail.answers = ['451 later', 'die']
    send(state, '--once')
    m = [email.message_from_bytes(x, policy=email.policy.default) for x in mail.got]
    t.equal([x['X-Otoscope-Attempt'] for x in m], ['1', '2'], 'mail: 451 is no delivery, no answer may be one: the copy is marked')
    t.equal(m[0]['Message-ID'], m[1]['Message-ID'], 'and has the same Message-ID')
    t.equal((m[1]['Subject'], m[1]['To']), ('[otoscope] critical: Controller stopped (+1) (2)', 'a@example.com, b@example.com'), 'the gravest is the subject')
    body = m[1].get_content()
    t.ok('10.0.0.1 がスキャン' in body and '意味: It stands.' in body and 'otoscope alerts show 00000001' in body, 'both alerts are in it, in the language asked for', body)
    t.contains(send(state, '--test', 'shift').out, 'shift: delivered: 250 queued', '--test of a mail')
    add(state, [alert(2)])
    mail.answers = ['554 no such thing']
    t.contains(send(state, '--once').err, '554 no such thing', 'a mail that is refused for good is set aside')
    t.write('wrong', 'not-the-password').__str__()
    os.chmod(os.path.join(t.scratch, 'wrong'), 0o600)
    t.write('mail/send.lua', open(os.path.join(state, 'send.lua')).read().replace(token, os.path.join(t.scratch, 'wrong')))
    t.contains(send(state, '--test', 'shift', code=1).out, '535 wrong user', 'a wrong password: the server\'s own words')
    mail.down()
    plain = farends.Mail().up()
    t.write('mail/send.lua', 'mail { name = "m", server = "smtp://127.0.0.1:%d", from = "a@b.c", to = "d@e.f" }' % plain.port)
    send(state, '--test', 'm', code=1)
    t.equal(plain.got, [], 'a server without TLS gets no mail')
    t.write('mail/send.lua', 'mail { name = "m", server = "smtp://127.0.0.1:%d", from = "a@b.c", to = "d@e.f", tls_if_offered = true }' % plain.port)
    send(state, '--test', 'm')
    t.equal(len(plain.got), 1, 'unless that is wanted')
    plain.down()
else:
    t.skip('mail', 'needs openssl')

# ------------------------------------------------------------------------------------------------ Redis

if shutil.which('redis-server'):
    redis = farends.Redis(t.dir('redis'), SECRET)
    state = spooled('bus', 'redis { name = "bus", to = "redis://127.0.0.1:%d", stream = "alerts", password = file "%s" }' % (redis.port, token),
                    [alert(i) for i in range(40)])
    sender = Sender(state)
    time.sleep(0.3)
    redis.up()
    t.ok(until(lambda: len(redis.entries('alerts')) == 40), 'Redis: down, then up')
    redis.down()
    add(state, [alert(i) for i in range(40, 60)])
    time.sleep(0.3)
    redis.up()
    t.ok(until(lambda: len({e['id'] for e in redis.entries('alerts')}) == 60), 'killed, then up again')
    sender.stop()
    once_each([{'alert': {'id': e['id']}, 'attempt': int(e['attempt'])} for e in redis.entries('alerts')], 60, 'Redis')
    t.equal(json.loads(redis.entries('alerts')[0]['record'])['id'], '00000000', 'an entry has the whole record')
    t.ok(re.search(r'bus: delivered: entry \d+-\d+', send(state, '--test', 'bus').out), '--test says the entry\'s number')
    redis.ask('SET', 'text', 'x')
    t.write('bus/send.lua', open(os.path.join(state, 'send.lua')).read().replace('"alerts"', '"text"'))
    t.contains(send(state, '--test', 'bus', code=1).out, 'WRONGTYPE', 'or what is wrong')
    redis.down()
else:
    t.skip('Redis', 'needs redis-server')

# ------------------------------------------------------------------------------------------------ configurations that are wrong

WRONG = [
    ('syslog { name = "x", to = "udp://h"', 1, "'}' expected near"),
    ('\nsyslog { name = "x", too = "udp://h" }', 2, 'syslog knows no too (did you mean to'),
    ('\n\nsyslgo { name = "x" }', 3, 'there is no syslgo (did you mean syslog'),
    ('syslog { to = "udp://h" }', 1, 'syslog needs a name'), ('syslog { name = "x" }', 1, 'where to? to ='),
    ('syslog { name = "x", to = "http://h" }', 1, 'udp://HOST:PORT'), ('syslog { name = "x", to = "udp://h", format = "xml" }', 1, 'text, cef or leef'),
    ('syslog { name = "x", to = "udp://h", facility = "local9" }', 1, 'no facility local9'),
    ('syslog { name = "x", to = "udp://h", severity = "grave" }', 1, 'info, low, medium'),
    ('syslog { name = "x", to = "udp://h", source = "10.0.0.0/33" }', 1, '10.0.0.0/33 is no address'),
    ('syslog { name = "x", to = "udp://h", rules = { { sevrity = "low" } } }', 1, 'no condition sevrity'),
    ('webhook { name = "x", to = "https://h", token = "abc" }', 1, 'what is secret is not written here'),
    ('webhook { name = "x", to = "http://h", token = file "%s" }' % token, 1, 'travel in clear'),
    ('webhook { name = "x", to = "https://a:b@h" }', 1, 'no password in an address'), ('webhook { name = "x", to = "https://h", token = file "/nowhere" }', 1, 'cannot be read'),
    ('webhook { name = "x", to = "https://h", token = env "NO_SUCH_NAME" }', 1, 'has no NO_SUCH_NAME'),
    ('webhook { name = "x", to = "https://h" }\nredis { name = "x", to = "redis://h" }', 2, 'x is already there, at '),
    ('mail { name = "x", server = "smtp://h", from = "a@b" }', 1, 'a mail has from'), ('block { name = "x", to = "https://h" }', 1, 'for which kinds'),
    ('redis { name = "x", to = "h:1" }', 1, 'redis://HOST:PORT'), ('webhook { name = "x", to = "https://h", timeout = "soon" }', 1, 'a time such as 30s'),
    ('os.execute("true")', 1, 'there is no os'), ('while true do end', 1, 'does not end'), ('', 0, 'says nobody to send to'),
]
state = t.dir('wrong-ones')
for text, line, part in WRONG:
    path = t.write('wrong-ones/send.lua', text)
    r = send(state, '--check', code=2)
    t.ok(part in r.err and (not line or 'send.lua:%d: ' % line in r.err) and 'Traceback' not in r.err and r.err.count('\n') == 1,
         'wrong: %s' % part, r.said())
os.chmod(token, 0o644)
t.write('wrong-ones/send.lua', 'webhook { name = "x", to = "https://h", token = file "%s" }' % token)
t.contains(send(state, '--check', code=2).err, 'can be read by everybody', 'a secret that is none')
os.chmod(token, 0o600)
t.contains(Run('send', '--state', t.dir('empty'), env=ENV).err, 'it says who is told what', 'no send.lua at all')
t.contains(Run('send', env=ENV).err, '--state DIR', 'no folder')
t.equal(Run('send', '--help', env=ENV).code, 0, '--help')
t.equal([x for x in printed if SECRET in x], [], 'nothing secret was printed in all of this')
sys.exit(t.finish())
