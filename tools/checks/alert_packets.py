#!/usr/bin/env python3
"""What a run leaves in its state folder for others: alerts in the spool (and when it does not), the packets around alerts as captures of their
own, block requests with what the owner says, and how long an alert takes from the wire to a far end."""
import email
import email.policy
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import time

import farends
from farends import until
from tap import CAPTURES, OTOSCOPE, Run, Tap

t = Tap()
ENV = {'TZ': 'UTC', 'no_proxy': '*', 'NO_PROXY': '*'}


def made(name):
    return os.path.join(CAPTURES, name + '.pcap')


def run(*args, code=0):
    r = Run(*args, env=ENV)
    if r.code != code or 'Sanitizer' in r.err or 'script error' in r.err:
        t.ok(False, 'exit code %d of %s' % (code, ' '.join(a for a in args if '/' not in a)), r.said())
    return r


def replay(name, *args, capture='demo'):
    state = t.dir(name)
    run('-q', '-r', made(capture), '--state', state, *args)
    return state


def alerts(state):
    return [json.loads(line) for line in run('alerts', '--state', state, '--json').out.splitlines()]


def spool(state):
    path = os.path.join(state, 'spool.db')
    if not os.path.exists(path):
        return []
    return [json.loads(r) for (r,) in sqlite3.connect(path).execute('SELECT record FROM spool ORDER BY seq')]


def remembered(state):
    return sqlite3.connect(os.path.join(state, 'state.db')).execute(
        'SELECT store, key, value, count, first_ns, when_ns FROM rows WHERE store NOT LIKE "alerts.packets" ORDER BY store, key').fetchall()


def packets(path):
    """Times in nanoseconds and bytes of a capture with nanoseconds or microseconds, read by the format's own words."""
    data, out, at = open(path, 'rb').read(), [], 24
    nanoseconds = struct.unpack('<I', data[:4])[0] == 0xa1b23c4d
    while at < len(data):
        s, f, caplen, length = struct.unpack('<IIII', data[at:at + 16])
        out.append((s * 10 ** 9 + f * (1 if nanoseconds else 1000), data[at + 16:at + 16 + caplen]))
        assert caplen <= length and len(out[-1][1]) == caplen, path
        at += 16 + caplen
    return out


def kept(state):
    folder = os.path.join(state, 'packets')
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


# ------------------------------------------------------------------------------------------------ the spool

state = replay('sent', '--send')
told, listed = spool(state), alerts(state)
t.equal(sorted(m['id'] for m in told), sorted(a['id'] for a in listed), 'a replay with --send: every alert is in the spool, once')
t.ok(all(m[k] for m in told for k in ('time', 'kind', 'severity', 'title', 'text', 'meaning', 'advice', 'title_ja', 'advice_ja', 'evidence', 'attack')),
     'and says all that its reader needs', told[:1])
t.equal([m['time'] for m in told], sorted(m['time'] for m in told), 'in order')
os.remove(os.path.join(state, 'captures.tsv'))
os.remove(os.path.join(state, 'state.db'))
run('-q', '-r', made('demo'), '--state', state, '--send')
t.equal(len(spool(state)), len(told), 'a run made again after it was cut short says nothing twice')
begin = time.time()
uncut = remembered(replay('measured', '--send'))
whole_run = time.time() - begin
state, chance = t.dir('killed'), random.Random(3)
for _ in range(5):
    p = subprocess.Popen([OTOSCOPE, '-q', '-r', made('demo'), '--state', state, '--send'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(chance.uniform(0, whole_run))
    p.kill()
    p.wait()
if not os.path.exists(os.path.join(state, 'captures.tsv')):
    run('-q', '-r', made('demo'), '--state', state, '--send')
got = [m['id'] for m in spool(state)]
t.ok(set(m['id'] for m in told) <= set(got) and len(got) == len(set(got)), 'killed at five moments and made again: nothing is lost, nothing is told twice', got)
state = t.dir('cut')
p = subprocess.Popen([OTOSCOPE, '-q', '-r', made('demo'), '--state', state, '-e',
                      'after("8m", function() for _ = 1, 4000 do print(("x"):rep(99)) end end)'], stdout=subprocess.PIPE)
p.stdout.read(1)  # what it has to say does not fit into the pipe: now it waits
p.kill()
p.wait()
run('-q', '-r', made('demo'), '--state', state)
t.ok(remembered(state) == uncut, 'killed behind many packets and made again: nothing is remembered twice')
quiet = replay('quiet')
t.equal(spool(quiet), [], 'a replay without --send says nothing')
t.write('quiet/send.lua', 'webhook { name = "x", to = "http://127.0.0.1:1" }')
run('alerts', 'ack', alerts(quiet)[0]['id'], '--who', 'ann', '--comment', 'on it', '--state', quiet)
t.equal([(m['state'], m['who'], m['comment']) for m in spool(quiet)], [('acknowledged', 'ann', 'on it')], 'what people do with an alert is told where send.lua is')
few = replay('few', '--send', '--spool', '3')
t.equal([m['id'] for m in spool(few)], [m['id'] for m in told[-3:]], 'the spool is bounded: the oldest go')
web = farends.Web().up()
t.write('few/send.lua', 'webhook { name = "x", to = "http://127.0.0.1:%d" }' % web.port)
r = run('send', '--state', few, '--once')
t.equal([(b['alert']['id'], b.get('lost')) for b, _ in web.got], [(m['id'], len(told) - 3 if i == 0 else None) for i, m in enumerate(told[-3:])],
        'and the far end is told how many were lost')
t.contains(r.err, '%d messages were taken from the spool' % (len(told) - 3), 'and the operator')
web.down()
t.contains(run('-q', '-r', made('demo'), '--send', code=2).err, '--state DIR', '--send without a folder')
t.contains(run('-q', '-r', made('demo'), '--state', t.dir('y'), '--packets', 'after=soon', code=2).err, 'packets after', 'a wrong limit')
t.contains(run('-q', '-r', made('demo'), '--state', t.dir('y'), '--packets', 'aftr=5s', code=2).err, 'did you mean after', 'a misspelt limit')

# ------------------------------------------------------------------------------------------------ packets

for capture in ('demo', 's7comm', 'cclink'):
    state = replay('packets-' + capture, capture=capture)
    listed = alerts(state)
    t.equal(kept(state), sorted(a['id'] + '.pcap' for a in listed), '%s: %d alerts have a capture each' % (capture, len(listed)))
    whole = set(packets(made(capture)))
    wrong = []
    for a in listed[::1 + len(listed) // 8]:
        got = packets(os.path.join(state, 'packets', a['id'] + '.pcap'))
        shown = run('alerts', 'show', a['id'], '--state', state).out
        first = int(round(a['first'] * 1e6)) * 1000
        if '%d in packets/%s.pcap' % (len(got), a['id']) not in shown:
            wrong.append('alerts show: ' + shown)
        if not set(got) <= whole:
            wrong.append('%s: packets that are none of the capture' % a['id'])
        if not got or sorted(got, key=lambda p: p[0]) != got or got[0][0] < first - 30.1e9 or got[-1][0] > first + 6.1e9:
            wrong.append('%s: not in order, or not of the time' % a['id'])
        if a.get('source', '').count('.') == 3 and not any(socket.inet_aton(a['source']) in data for _, data in got):
            wrong.append('%s: nothing of the source %s' % (a['id'], a['source']))
        # the event that shows it names the time of its packet
        stamp = [w for w in shown.replace('\n', ' ').split(' ') if w.startswith('ts=')]
        if 'packet=' in shown and stamp and 'Evidence: conn' not in shown and 'no_answer' not in shown:
            if int(float(stamp[0][3:]) * 1e6 + 0.5) not in [ns // 1000 for ns, _ in got]:
                wrong.append('%s: without the packet of its evidence, %s' % (a['id'], stamp[0]))
    t.equal(wrong, [], '%s: its packets, whole and unchanged, the one that shows it among them' % capture)
    if shutil.which('capinfos') and listed:
        said = subprocess.run(['capinfos', '-c', '-M', '-T', '-r'] + [os.path.join(state, 'packets', f) for f in kept(state)], stdout=subprocess.PIPE)
        t.equal((said.returncode, len(said.stdout.splitlines())), (0, len(listed)), '%s: other programs read them' % capture)
own = Run('-q', '-r', os.path.join(state, 'packets'), '-l', t.dir('own'), env=ENV)
t.equal(own.code, 0, 'and so does this one')

state = replay('limits', '--packets', 'files=3,packets=10,before=2s,after=1s')
t.equal(len(kept(state)), 3, 'so many files: the oldest go')
shown = [run('alerts', 'show', a['id'], '--state', state).out for a in alerts(state)]
t.equal(sum('Packets: ' in s for s in shown), 3, 'and alerts whose capture is gone do not name it')
t.ok(all(1 <= len(packets(os.path.join(state, 'packets', f))) <= 10 for f in kept(state)), 'so many packets')
state = replay('small', '--packets', 'bytes=2K,memory=64K')
t.ok(all(os.path.getsize(os.path.join(state, 'packets', f)) < 24 + 2048 + 40 * 16 + 1600 for f in kept(state)) and kept(state), 'so many bytes, from a small ring')
t.equal(kept(replay('off', '--packets', 'off')), [], 'off')
state = t.dir('twice')
run('-q', '-r', made('demo'), '--state', state)
same = [open(os.path.join(state, 'packets', f), 'rb').read() == open(os.path.join(t.scratch, 'packets-demo', 'packets', f), 'rb').read() for f in kept(state)]
t.ok(same and all(same), 'the same input gives the same captures')

# ------------------------------------------------------------------------------------------------ block requests

firewall = farends.Web().up()
BLOCK = '''block { name = "fw", to = "http://127.0.0.1:%d/deny", kind = { "firmware_write", "port_scan" }, %%s within = "100000d",
  body = '{"deny":"{source}","why":"{kind}","key":"{key}"}' }''' % firewall.port


def blocked(name, options, *commands):
    state = t.dir(name)
    t.write(name + '/send.lua', BLOCK % options)
    run('-q', '-r', made('dns'), '--state', state)  # somebody must be known before the owner can speak of him
    for c in commands:
        run(*c, '--state', state)
    run('-q', '-r', made('demo'), '--state', state, '--send')
    firewall.got.clear()
    run('send', '--state', state, '--once')
    return [(b['deny'], b['why']) for b, _ in firewall.got]


MALLORY = '192.168.10.99'
t.equal(blocked('block-off', ''), [], 'block requests are off unless enabled')
t.equal(sorted(blocked('block-on', 'enabled = true,')), [(MALLORY, 'firmware_write'), (MALLORY, 'port_scan')], 'enabled: for the kinds that are named, nobody else')
t.equal(blocked('block-never', 'enabled = true, never = "192.168.10.0/24",'), [], 'never for these networks')
ledger = t.write('list.csv', 'name,ip,block\nheart-lung machine,%s,never\n' % MALLORY)
t.equal(blocked('block-ledger', 'enabled = true,', ('ledger', 'import', ledger)), [], 'never for what the owner\'s list says')
ledger = t.write('list.csv', '機器名,MACアドレス,遮断\n人工心肺,b8:27:eb:70:db:e4,不可\n')
t.equal(blocked('block-mac', 'enabled = true,', ('ledger', 'import', ledger)), [], 'also where the list knows its MAC address alone')
ledger = t.write('list.csv', 'name,ip,block\nlaptop,%s,yes\n' % MALLORY)
t.equal(len(blocked('block-yes', 'enabled = true,', ('ledger', 'import', ledger))), 2, 'a plain yes is a yes')
state = t.dir('block-asset')
run('-q', '-r', made('demo'), '--state', state)
run('inventory', 'set', MALLORY, 'block', 'never', '--state', state)
t.write('block-asset/send.lua', BLOCK % 'enabled = true,')
os.remove(os.path.join(state, 'captures.tsv'))
run('alerts', 'close', [a['id'] for a in alerts(state) if a['kind'] == 'port_scan'][0], '--state', state)
run('-q', '-r', made('demo'), '--state', state, '--send')
firewall.got.clear()
run('send', '--state', state, '--once')
t.ok(any(m['kind'] == 'port_scan' and m.get('block') == 'never' for m in spool(state)), 'inventory set WHO block never: the message says so', spool(state)[:2])
t.equal(firewall.got, [], 'and nobody is cut off')
state = replay('block-old', '--send')
t.write('block-old/send.lua', (BLOCK % 'enabled = true,').replace('100000d', '10m'))
firewall.got.clear()
run('send', '--state', state, '--once')
t.equal(firewall.got, [], 'what happened long ago cuts nobody off')
t.contains(run('send', '--state', state, '--test', 'fw', code=2).err, 'no harmless test', '--test cuts nobody off either')
firewall.down()

# ------------------------------------------------------------------------------------------------ live

RULE = '''
local alert = require "alert"
local asked = alert.kind { name = "asked", severity = "high", en = { "Asked", "{client} asks {server}", "m", "a" }, ja = { "a", "b", "c", "d" } }
on("ot.operation", { op = "write" }, function(e) asked { event = e, key = tostring(e.packet) } end)
'''


def ask(port, n):
    """n Modbus writes over loopback, answered by nobody."""
    with socket.create_server(('127.0.0.1', port)) as server, socket.create_connection(('127.0.0.1', port)) as c:
        peer, _ = server.accept()
        for i in range(n):
            c.sendall(struct.pack('>HHHBBHH', i, 0, 6, 1, 6, 100, i))
            peer.recv(100)
            time.sleep(0.01)


if os.geteuid() != 0:
    t.skip('live', 'capturing on lo needs root')
else:
    web = farends.Web().up()
    state = t.dir('live')
    script = t.write('rule.lua', RULE)
    live = subprocess.Popen([OTOSCOPE, '-q', '-i', 'lo', '--state', state, '-f', 'port 502', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=dict(os.environ, **ENV))
    until(lambda: os.path.exists(os.path.join(state, 'control')) or live.poll() is not None)
    ask(502, 2)
    until(lambda: len(alerts(state)) >= 2)
    t.equal(spool(state), [], 'live, without send.lua: nobody is told')
    wire, mail = farends.Datagrams().up(), farends.Mail().up()
    t.write('live/send.lua', '''
webhook { name = "x", to = "http://127.0.0.1:%d" }
syslog { name = "wire", to = "udp://127.0.0.1:%d" }
mail { name = "shift", server = "smtp://127.0.0.1:%d", from = "a@example.com", to = "b@example.com", tls_if_offered = true }
''' % (web.port, wire.port, mail.port))
    sender = subprocess.Popen([OTOSCOPE, 'send', '--state', state], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ, **ENV))
    time.sleep(1)
    begin = time.time()
    ask(502, 20)
    asked = time.time()
    got = [b for b, _ in web.got]
    t.ok(until(lambda: len([b for b, _ in web.got if b['alert']['kind'] == 'asked']) == 20), 'live, as soon as there is one: every alert arrives', len(web.got))
    took = time.time() - asked
    t.ok(took < 5, '1.3 delivery: a webhook within 5 seconds of its packet (%.1f s after the last)' % took, took)
    told = {b['alert']['id'] for b, _ in web.got if b['alert']['kind'] == 'asked'}
    texts = {'syslog': lambda: [m.decode() for m in wire.got], 'mail': lambda: [email.message_from_bytes(m, policy=email.policy.default).get_content()
                                                                               for m in list(mail.got)]}
    for name, said in texts.items():
        got = until(lambda s=said: all(i in '\n'.join(s()) for i in told))
        took = time.time() - asked
        t.ok(got and took < 5, '1.3 delivery: %s within 5 seconds of its packet (%.1f s after the last)' % (name, took), len(said()))
    mine = [b['alert']['id'] for b, _ in web.got if b['alert']['kind'] == 'asked']
    live.kill()
    live.wait()
    t.ok(set(mine) <= {m['id'] for m in spool(state)} and sqlite3.connect(os.path.join(state, 'spool.db')).execute('PRAGMA integrity_check').fetchone() == ('ok',),
         'an engine that is killed leaves a whole spool')
    live = subprocess.Popen([OTOSCOPE, '-q', '-i', 'lo', '--state', state, '-f', 'port 502', script], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env=dict(os.environ, **ENV))
    until(lambda: os.path.exists(os.path.join(state, 'control')) or live.poll() is not None)
    time.sleep(0.5)
    before = len(web.got)
    ask(502, 3)
    t.ok(until(lambda: len([b for b, _ in web.got[before:] if b['alert']['kind'] == 'asked']) == 3), 'and the next run goes on with it')
    live.send_signal(signal.SIGINT)
    out, err = live.communicate(timeout=30)
    t.ok(live.returncode == 130 and b'Sanitizer' not in err, 'the engine ends', err.decode())
    new = [b['alert']['id'] for b, _ in web.got[before:] if b['alert']['kind'] == 'asked']
    t.ok(all(i + '.pcap' in kept(state) and len(packets(os.path.join(state, 'packets', i + '.pcap'))) >= 4 for i in new), 'live alerts have their packets, too', kept(state))
    sender.send_signal(signal.SIGTERM)
    out, _ = sender.communicate(timeout=30)
    t.ok(sender.returncode == 0 and b'Sanitizer' not in out, 'so does the sender', out.decode())
    for end in web, wire, mail:
        end.down()
t.finish()
