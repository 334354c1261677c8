#!/usr/bin/env python3
"""The command line as a person meets it: exit codes, messages, files, many files, signals. Runs the real program."""
import gzip
import json
import os
import pty
import re
import signal
import struct
import subprocess
import time

from tap import CAPTURES, OTOSCOPE, Run, Tap, differs, rows, tree

t = Tap()
DEMO = os.path.join(CAPTURES, 'demo.pcap')
DNS = os.path.join(CAPTURES, 'dns.pcap')
MODBUS = os.path.join(CAPTURES, 'modbus-all.pcap')
demo_bytes = open(DEMO, 'rb').read()
dns_bytes = open(DNS, 'rb').read()


def wrong(args, code, part, name):
    r = Run(*args)
    t.ok(r.code == code and part in r.err and 'Sanitizer' not in r.err, name, 'expected exit code %d and %r\n%s' % (code, part, r.said()))


# ---- help and version
r = Run('--help')
t.ok(r.code == 0 and not r.err, '--help goes to stdout and is no error', r.said())
t.equal([line for line in r.out.split('\n') if len(line) > 100], [], '--help fits 100 columns')
for word in ('--each', '--profile', 'Exit codes', 'Examples', '130'):
    t.contains(r.out, word, '--help tells of ' + word)
r = Run('--version')
t.ok(r.code == 0 and r.out.startswith('otoscope '), '--version', r.said())

# ---- what people get wrong
wrong([], 2, 'nothing to read', 'no input')
wrong(['-r', DEMO, '--jbos', '3'], 2, 'jobs?', 'a misspelt option names the near one')
wrong(['-r', DEMO, '-Z'], 2, 'there is no option -Z', 'an unknown letter')
wrong(['-r', DEMO, '--json=1'], 2, '--json takes no value', 'a value too many')
wrong(['-r'], 2, '-r needs FILE', 'a value too few')
wrong(['-r', DEMO, '-i', 'lo'], 2, 'not both', '-r and -i')
wrong(['-r', DEMO, '--profile', 'zek'], 2, 'did you mean zeek', 'a misspelt profile')
wrong(['-r', DEMO, '--rotate', '5y'], 2, 'expected a number above 0 and one of s, ms', 'a wrong time')
wrong(['-r', DEMO, '--rotate-size', '-1M'], 2, 'expected a number', 'a negative size')
wrong(['-r', DEMO, '-f', 'prot 502'], 2, 'pcap-filter', 'a wrong BPF filter')
wrong(['-r', DEMO, '--jobs', '2'], 2, '--jobs needs --each', '--jobs alone')
wrong(['-r', DEMO, '--each', '--resume'], 2, '-l DIR', '--resume without a folder')
wrong(['-r', '-', '--each'], 2, 'works on files', '--each with standard input')
wrong(['-r', DEMO, '--plugin', '/nonexistent.so'], 2, '/nonexistent.so', 'a missing plugin')
wrong(['-r', DEMO, '--analyzers', 'modbsu'], 2, 'modbus', 'a misspelt analyzer')
wrong(['-r', DEMO, '-l', t.dir('x'), '--log', 'modbsu'], 2, 'modbus', 'a misspelt log')
wrong(['-r', DEMO, '-l', t.write('afile', 'x') + '/logs'], 1, 'afile', 'a log folder that cannot be made')

for option in (['--log', 'modbus'], ['--no-log', 'conn'], ['--json'], ['--gzip'], ['--rotate', '1h'], ['--rotate-size', '1M'], ['--interval', '5s']):
    wrong(['-r', DEMO] + option, 2, option[0] + ' is about logs, and none are written: say where with -l DIR', option[0] + ' without -l')
for zone, said in (('Mars/Phobos', True), ('Asia/Tokyo', False), ('JST-9', False), ('<+09>-9', False), ('UTC', False), ('', False)):
    if zone.startswith('Asia') and not os.path.exists('/usr/share/zoneinfo/Asia/Tokyo'):
        continue
    r = Run('-q', '-r', DNS, '-e', 'print(1)', env={'TZ': zone})
    t.ok(r.code == 0 and ('TZ=%s is no time zone' % zone in r.err) == said, 'TZ=' + zone, r.said())

# ---- the reference
r = Run('doc', '--help')
t.ok(r.code == 0 and all(what in r.out for what in ('usage: otoscope doc', 'analyzers', '--markdown', 'examples')) and not r.err, 'doc --help', r.said())
wrong(['doc', '--hlp'], 2, 'doc: there is no option --hlp; otoscope doc --help', 'an option that doc has not')
r = Run('doc', 'modbus.request')
t.ok(r.code == 0 and r.out.startswith('modbus.request\n'), 'doc NAME needs no topic', r.said())
r = Run('doc', 'conn')
t.ok(r.code == 0 and 'conn.log of conn' in r.out and 'community_id' in r.out, 'doc NAME shows all that has the name', r.said())
wrong(['doc', 'modbus.reqest'], 2, 'doc: there is no modbus.reqest (did you mean modbus.request', 'a misspelt name')
wrong(['doc', 'logs', 'cnn'], 2, 'doc logs: there is no cnn (did you mean conn?)', 'a misspelt log')

# ---- captures that are none
wrong(['-r', '/nonexistent.pcap'], 1, '/nonexistent.pcap: no such file', 'a missing file')
wrong(['-r', t.write('empty.pcap', '')], 1, 'is empty', 'an empty file')
wrong(['-r', t.write('text.pcap', 'hello, this is no capture at all\n' * 9)], 1, 'text.pcap', 'a file that is no capture')
wrong(['-r', t.dir('nothing')], 1, 'no capture files', 'a folder without captures')
wrong(['-r', os.path.join(t.scratch, '*.none')], 1, 'no file matches', 'a pattern without files')
if os.getuid():
    secret = t.write('secret.pcap', dns_bytes)
    os.chmod(secret, 0)
    wrong(['-r', secret], 1, 'secret.pcap', 'an unreadable file')
else:
    t.skip('an unreadable file', 'root reads everything')
cut = t.write('cut.pcap', demo_bytes[:3000])
r = Run('-r', cut, '-l', t.dir('cut'))
t.ok(r.code == 1 and 'truncated' in r.err and 'conn.log' in tree(t.dir('cut')), 'a truncated file: said, exit code 1, logs of what came before', r.said())

# ---- scripts
bad = t.write('bad.lua', 'local x = 1\nx = = 2\n')
wrong(['-r', DNS, bad], 2, 'bad.lua:2', 'a syntax error has file and line')
bad = t.write('bad2.lua', '\n\non("modbus.reqest", function(e) end)\n')
wrong(['-r', DNS, bad], 2, 'bad2.lua:3', 'an unknown event has file and line')
wrong(['-r', DNS, bad], 2, 'modbus.request', 'an unknown event names the near one')
wrong(['-r', DNS, '/nonexistent.lua'], 2, '/nonexistent.lua', 'a missing script')
wrong(['-r', DNS, '-e', 'x = = 1'], 2, '-e:1', 'an error in -e')
r = Run('-q', '-r', DEMO, '-e', 'local n = 0 on("modbus.request", function(e) n = n + 1 end) on("finish", function() print(n) end)',
        '-e', 'on("finish", function() print("second") end)')
t.ok(r.code == 0 and r.out.split()[0].isdigit() and int(r.out.split()[0]) > 1000 and 'second' in r.out and not r.err, '-e twice, in order; -q is quiet', r.said())
r = Run('-q', '-r', os.path.join(CAPTURES, 's7comm_plus.pcap'), '-e',
        'on("s7comm_plus.alarm", { alarm_id = 0x8a7e0000000f0012 }, function(e) print(e.alarm_id == 0x8a7e0000000f0012) end)')
t.equal((r.code, r.out), (0, 'true\n' * 3), 'an identifier of 64 bits is one in Lua, too, and in a table of conditions')
r = Run('-q', '-r', os.path.join(CAPTURES, 'cip_attacks.pcap'), '-e',
        'on("program.transfer", "sha256", function(e) print(e:shown "sha256", e:shown "direction", e:shown "error") end)')
t.ok(r.code == 0 and re.search(r'^[0-9a-f]{64}\t\w+\tnil$', r.out, re.M), 'a field as logs have it', r.said())
script = t.write('fault.lua', 'on("dns.*", function(e) error("oops") end)\n')
r = Run('-r', DNS, script)
t.ok(r.code == 0 and 'fault.lua:1' in r.err, 'an error in a handler is told with file and line and does not stop the run', r.said())
r = Run('-r', DNS, script, '-l', t.dir('fault'))
t.ok('script_error.log' in tree(t.dir('fault')), 'an error in a handler is logged', r.said())

took = t.write('took.tsv', '')
same = t.write('words.lua', 'print(type(require "words"))\n')
r = Run('-q', '-r', DNS, same)
t.ok(r.code == 0 and r.out.startswith(('table', 'function')), 'a script that is called as a library requires the library', r.said())
script = t.write('costly.lua', '\non("modbus.request", { func = 6 }, function(e) end)\n')
r = Run('-q', '-r', DEMO, script, '--script-cost', took)
table = [line.split('\t') for line in open(took).read().split('\n')]
t.ok(r.code == 0 and not r.err and any(row[7:9] == ['on', 'modbus.request'] and row[9].endswith('costly.lua:2') and int(row[2]) > 0 and int(row[5]) > 0
                                       for row in table if len(row) == 10), '--script-cost tells what each handler took', r.said() + open(took).read())
wrong(['-r', DEMO, '--script-cost', t.scratch + '/none/x'], 1, 'none/x', '--script-cost into a folder that is not there')
wrong(['-r', DEMO, '--each', '--script-cost', took], 2, '--script-cost is of one run', '--script-cost and --each')

worse = t.write('bad3.lua', '\nlog.new { name = "a b", columns = { { "x", "count" } } }\n')
wrong(['-r', DNS, worse], 2, 'bad3.lua:2: event log.a b: a log\'s name is made of', 'a log that cannot be has file and line')
worse = t.write('bad4.lua', '\nlog.new { name = "ab", columns = { { "size", "count" } }, key = "sise" }\n')
wrong(['-r', DNS, worse], 2, 'bad4.lua:2: event log.ab, log ab: there is no field sise (did you mean size', 'a column that no field has, without -l, too')

# ---- logs
logs = t.dir('demo')
r = Run('-r', DEMO, '-l', logs)
t.ok(r.code == 0 and 'rows: ' in r.err and logs in r.err, 'the closing line tells rows and where the logs are', r.said())
for log in ('conn.log', 'modbus.log', 'dns.log', 'arp.log', 'weird.log', 'coverage.log'):
    t.ok(log in tree(logs), 'the demo writes ' + log, tree(logs))
r = Run('-q', '-r', DEMO, '-l', '-', '--log', 'dns')
lines = [json.loads(line) for line in r.out.split('\n') if line]
t.ok(lines and all(line['_path'] == 'dns' for line in lines), '-l - writes rows as JSON lines on stdout', r.said())
Run('-q', '-r', DEMO, '-l', t.dir('json'), '--json', '--log', 'conn,dns')
t.equal(tree(t.dir('json')), ['conn.log', 'dns.log'], '--log names the logs to write')
t.ok(all(json.loads(line) for line in open(os.path.join(t.dir('json'), 'conn.log'))), '--json writes JSON lines')
Run('-q', '-r', DEMO, '-l', t.dir('nolog'), '--no-log', 'conn,weird')
t.ok('conn.log' not in tree(t.dir('nolog')) and 'modbus.log' in tree(t.dir('nolog')), '--no-log leaves logs out')
Run('-q', '-r', DEMO, '-l', t.dir('rotated'), '--rotate', '5m', '--gzip')
t.ok(any(f.endswith('.gz') for f in tree(t.dir('rotated'))), '--rotate and --gzip', tree(t.dir('rotated')))
r = Run('-r', DEMO)
t.ok(r.code == 0 and 'modbus' in r.out and '-l DIR' in r.err, 'neither logs nor a script: what was on the wire, and a hint', r.said())
r = Run('-q', '-r', DEMO, '-f', 'udp port 53', '-l', t.dir('bpf'))
t.ok('dns.log' in tree(t.dir('bpf')) and 'modbus.log' not in tree(t.dir('bpf')), '-f filters', r.said())

# ---- ways to read
Run('-q', '-r', '-', '-l', t.dir('stdin'), stdin=demo_bytes)
t.ok(not differs(logs, t.dir('stdin')), 'standard input gives the same logs', differs(logs, t.dir('stdin')))
Run('-q', '-r', t.write('demo.pcap.gz', gzip.compress(demo_bytes)), '-l', t.dir('gz'))
t.ok(not differs(logs, t.dir('gz')), 'a gzipped capture gives the same logs', differs(logs, t.dir('gz')))


def records(data):
    at = 24
    while at < len(data):
        size = 16 + struct.unpack('<I', data[at + 8:at + 12])[0]
        yield data[at:at + size]
        at += size


parts = list(records(demo_bytes))
for i in range(3):
    t.write('parts/p%d.pcap' % (2 - i), demo_bytes[:24] + b''.join(parts[len(parts) * i // 3:len(parts) * (i + 1) // 3]))
r = Run('-q', '-r', os.path.join(t.scratch, 'parts'), '-l', t.dir('parts-logs'))
t.ok(not differs(logs, t.dir('parts-logs')), 'a capture in three files is one timeline, whatever their names', differs(logs, t.dir('parts-logs')) + r.said())
r = Run('-q', '-r', os.path.join(t.scratch, 'parts', 'p[0-9].pcap'), '-l', t.dir('glob-logs'))
t.ok(not differs(logs, t.dir('glob-logs')), 'so it is as a pattern', r.said())
p = [os.path.join(t.scratch, 'parts', 'p%d.pcap' % i) for i in range(3)]
r = Run('-q', '-r', p[0], p[1], p[2], '-l', t.dir('args-logs'))
t.ok(not differs(logs, t.dir('args-logs')), 'and as arguments', r.said())

# ---- --each
many = t.dir('many')
for name in ('a/demo.pcap', 'a/dns.pcap', 'b/dns.pcap'):
    t.write('many/' + name, demo_bytes if 'demo' in name else dns_bytes)
t.write('many/notes.txt', 'no capture')
t.write('many/b/broken.pcap', b'not a capture, whatever its name says')
out = t.dir('each')
r = Run('-q', '-r', many, '--each', '--jobs', '2', '-l', out)
lines = [json.loads(line) for line in r.out.split('\n') if line]
t.equal(r.code, 3, '--each: one bad file makes exit code 3')
t.equal([os.path.relpath(line['file'], many) for line in lines], ['a/demo.pcap', 'a/dns.pcap', 'b/broken.pcap', 'b/dns.pcap'], '--each: a line a file, in order')
t.ok([bool(line['error']) for line in lines] == [False, False, True, False], '--each: the bad one says why', lines)
t.ok(all(set(line) == {'file', 'packets', 'bytes', 'rows', 'events', 'weirds', 'seconds', 'error'} for line in lines), '--each: what a line tells')
os.rename(os.path.join(out, 'a/demo.pcap/otoscope.done'), os.path.join(t.scratch, 'marker'))
t.ok(not differs(logs, os.path.join(out, 'a/demo.pcap')), '--each: a file alone gives the same logs in its folder', differs(logs, os.path.join(out, 'a/demo.pcap')))
before = os.stat(os.path.join(out, 'a/dns.pcap/dns.log')).st_mtime_ns
r2 = Run('-q', '-r', many, '--each', '--resume', '-l', out)
strip = [dict(line, seconds=0) for line in lines]
t.equal([dict(json.loads(line), seconds=0) for line in r2.out.split('\n') if line], strip, '--resume: the same lines')
t.equal(os.stat(os.path.join(out, 'a/dns.pcap/dns.log')).st_mtime_ns, before, '--resume: what was done is not done again')
t.ok(os.path.exists(os.path.join(out, 'a/demo.pcap/otoscope.done')), '--resume: what was not done is')
Run('-q', '-r', many, '--each', '--resume', '-l', out, '--json')
t.ok(os.stat(os.path.join(out, 'a/dns.pcap/dns.log')).st_mtime_ns != before, '--resume: with other options everything is done again')
Run('-q', '-r', many, '--each', '--jobs', '1', '-l', t.dir('each1'))
Run('-q', '-r', many, '--each', '--jobs', '4', '-l', t.dir('each4'))
for base in ('each1', 'each4'):
    for f in tree(t.dir(base)):
        if f.endswith('otoscope.done'):
            os.unlink(os.path.join(t.dir(base), f))
t.ok(not differs(t.dir('each1'), t.dir('each4')), '--jobs does not change a byte')
r = Run('-q', '-r', many, '--each', bad)
t.ok(r.code == 2 and not r.out and 'bad2.lua:3' in r.err and r.err.count('bad2.lua') == 1, '--each: a wrong script is told once', r.said())
r = Run('-q', '-r', many, '--each', '-l', t.dir('prints'), '-e', 'print("hello")')
t.ok(all(line.startswith('{') for line in r.out.strip().split('\n')), '--each: what scripts print stays out of the result lines', r.said())
t.equal(open(os.path.join(t.dir('prints'), 'a/dns.pcap/stdout.txt')).read(), 'hello\n', '--each: it is kept beside the logs')

# ---- signals
def interrupted(number, name):
    logs = t.dir('sig-%d' % number)
    p = subprocess.Popen([OTOSCOPE, '-r', '-', '-l', logs], stdin=subprocess.PIPE, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    p.stdin.write(demo_bytes)
    p.stdin.flush()
    time.sleep(2)
    p.send_signal(number)
    try:
        code = p.wait(20)
    except subprocess.TimeoutExpired:
        p.kill()
        code = 'none: it went on'
    err = p.stderr.read().decode()
    whole = os.path.exists(os.path.join(logs, 'modbus.log')) and open(os.path.join(logs, 'modbus.log')).read().endswith('\n')
    t.ok(code == 130 and whole and 'stopped early' in err, name + ' ends with exit code 130 and whole logs', 'exit code %s, logs %s\n%s' % (code, tree(logs), err))


interrupted(signal.SIGINT, 'Ctrl-C')
interrupted(signal.SIGTERM, 'SIGTERM')
p = subprocess.Popen([OTOSCOPE, '-r', DEMO, '-l', '-'], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
p.stdout.read(10)
p.stdout.close()
err = p.stderr.read().decode()
t.ok(p.wait(60) == 141 and not err, 'a reader that goes away ends the run quietly with exit code 141', 'exit code %d: %s' % (p.returncode, err))
r = subprocess.run([OTOSCOPE, '-q', '-r', DEMO, '-l', '-'], stdout=open('/dev/full', 'w'), stderr=subprocess.PIPE)
t.ok(r.returncode == 1 and r.stderr, 'a full disk is an error', 'exit code %d: %s' % (r.returncode, r.stderr.decode()))
live = subprocess.Popen([OTOSCOPE, '-q', '-r', '-', '-l', '-'], stdin=subprocess.PIPE, stdout=open('/dev/full', 'w'), stderr=subprocess.PIPE)
live.stdin.write(demo_bytes)
live.stdin.flush()
time.sleep(1)
live.send_signal(signal.SIGINT)
_, err = live.communicate(timeout=60)
t.ok(live.returncode == 1 and err, 'Ctrl-C does not hide that logs were lost', 'exit code %d: %s' % (live.returncode, err.decode()))

# ---- a terminal
def on_terminal(*args):
    parent, child = pty.openpty()
    p = subprocess.Popen([OTOSCOPE, *args], stderr=child, stdout=subprocess.DEVNULL, stdin=subprocess.PIPE)
    os.close(child)
    try:
        p.stdin.write(demo_bytes)
        p.stdin.close()
    except BrokenPipeError:
        pass
    seen = b''
    while True:
        try:
            chunk = os.read(parent, 4096)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    p.wait()
    return seen


t.ok(b'packets' in on_terminal('-r', '-'), 'a terminal sees the closing line')
t.equal(on_terminal('-q', '-r', '-'), b'', '-q says nothing on a terminal either')
t.ok('\r' not in Run('-r', DEMO).err and '\x1b' not in Run('-r', DEMO).err, 'no progress and no colour without a terminal')
# ---- what scripts remember counts a capture once
COUNT = 'local n = state.count { name = "n", key = "addr" } on("dns.query", function(e) n:add(e.orig_h) end) on("finish", function() print(#n) end)'
memory = t.dir('memory')
first = Run('-q', '-r', DNS, '--state', memory, '-e', COUNT)
t.ok(first.code == 0 and first.out.strip() not in ('', '0'), '--state keeps what a script counts', first.said())
wrong(['-q', '-r', DNS, '--state', memory, '-e', COUNT], 1, 'dns.pcap: was already counted', 'the same capture again is refused')
renamed = t.write('renamed.pcap', dns_bytes)
wrong(['-q', '-r', renamed, '--state', memory, '-e', COUNT], 1, 'was already counted', 'under another name, too')
other = Run('-q', '-r', MODBUS, '--state', memory, '-e', COUNT)
t.ok(other.code == 0 and other.out == first.out, 'another capture goes on where the first ended', other.said())

r = Run('doc', 'find', 'firmware')
t.ok(r.code == 0 and 'modbus' in r.out and 'asset.fact' not in r.err, 'doc find tells whatever speaks of a word', r.said())
r = Run('doc', 'find')
t.ok(r.code == 2 and 'WORD' in r.err, 'and wants one', r.said())
# ---- copies that a mirror shows late


def later(record, ns):
    sec, sub, caplen, size = struct.unpack('<4I', record[:16])
    at = sec * 10**9 + sub * 1000 + ns
    return at, struct.pack('<4I', at // 10**9, at % 10**9 // 1000, caplen, size) + record[16:]


twice = sorted([later(p, 0) for p in parts] + [later(p, 20_000_000) for p in parts], key=lambda r: r[0])
late = t.write('late.pcap', demo_bytes[:24] + b''.join(r for _, r in twice))
r = Run('view', 'sensor', '-r', late)
t.ok(r.code == 0 and 'came again, too late to be dropped: --duplicates says how long' in r.out, 'copies after 20 ms are noticed', r.said())
r = Run('view', 'sensor', '-r', late, '--duplicates', '30ms')
t.ok(r.code == 0 and 'packets came twice and were dropped' in r.out, '--duplicates 30ms drops them', r.said())
Run('-q', '-r', late, '-l', t.dir('late'), '--duplicates', '30ms', '--log', 'ot_operation')
t.equal(sum(int(r['number']) for r in rows(os.path.join(t.dir('late'), 'ot_operation.log'))),
        sum(int(r['number']) for r in rows(os.path.join(logs, 'ot_operation.log'))), 'operations are then those of the capture itself')
wrong(['-r', DEMO, '--duplicates', '2s'], 2, '--duplicates 2s: at most 1s', 'a window that would drop what is sent again')
t.finish()
