#!/usr/bin/env python3
"""Commands that scripts declare: found by name, given arguments, answered as a table, CSV and JSON, over captures and over saved state."""
import csv
import io
import json
import os
import signal
import subprocess
import time

from tap import CAPTURES, OTOSCOPE, Run, Tap

t = Tap()
DEMO = os.path.join(CAPTURES, 'demo.pcap')
UTC = {'TZ': 'UTC'}
SCRIPT = t.write('asked.lua', '''
local seen = state.map { name = "asked", key = "addr" }
on("ot.operation", function(e)
  local was = seen:get(e.server) or { n = 0 }
  seen:set(e.server, { n = was.n + 1, last = e.ts, protocol = e.protocol })
end)
command.new { name = "asked list", doc = "Who is asked, and how often.",
  args = { { "protocol", "string", "only of this protocol" }, { "least", "count", "asked at least so often" } },
  columns = { { "server", "addr", "who" }, { "protocol", "string", "by which" }, { "n", "count", "how often" },
              { "last", "time", "when last" }, { "note", "string", "what the owner says" } },
  run = function(args)
    local rows = {}
    for server, v in seen:pairs() do
      if (not args.protocol or args.protocol == v.protocol) and v.n >= (args.least or 0) then
        rows[#rows + 1] = { server = server, protocol = v.protocol, n = v.n, last = v.last, note = v.note }
      end
    end
    return rows
  end }
command.new { name = "asked note", doc = "Say something about a server.", writes = true,
  args = { { "server", "addr", "of whom" }, { "text", "string", "what" } },
  run = function(args)
    local v = seen:get(args.server)
    if not v then error("nobody asked " .. tostring(args.server), 0) end
    v.note = args.text
    seen:set(args.server, v)
    print("noted")
  end }
''')


def ask(*args, code=0, env=None):
    r = Run(*args, SCRIPT, env=env or UTC)
    t.ok(r.code == code and 'Sanitizer' not in r.err, 'exit code %d of: %s' % (code, ' '.join(a for a in args if '/' not in a)), r.said())
    return r


empty = t.dir('nothing')
for args in (['asked', 'list'], ['alerts'], ['asked', 'note', 'ten', 'x'], ['asked', 'note', '10.9.9.9', 'x'], ['asked', 'nonsense']):
    r = ask(*args, '--state', empty, code=2)
    t.ok(r.err and not r.out and not os.listdir(empty), 'nothing is kept in an empty folder, and nothing is left there by ' + ' '.join(args),
         r.said() + str(os.listdir(empty)))
t.contains(ask('asked', 'list', '--state', empty, code=2).err, 'nothing is kept in ' + empty, 'a question to an empty folder is told so')
t.contains(ask('asked', 'list', '--state', empty + '/none', code=2).err, 'No such file', 'or that there is none')
lines = ask('asked', 'list', '-r', DEMO).out.split('\n')
t.equal(lines[0].split(), ['server', 'protocol', 'n', 'last', 'note'], 'a table has a head')
t.equal(lines[1].split()[:3], ['192.168.10.11', 'modbus', '1653'], 'and rows')
t.ok(lines[1].rstrip().endswith('-'), 'what is not there is a dash')
t.equal(ask('asked', 'list', 'modbus', '1000', '-r', DEMO).out.count('\n'), 2, 'arguments by their order')
rows = [json.loads(line) for line in ask('asked', 'list', '--least', '5', '--json', '-r', DEMO).out.splitlines()]
t.equal([(r['server'], r['n']) for r in rows], [('192.168.10.11', 1653), ('192.168.10.12', 727), ('192.168.10.13', 673), ('192.168.10.14', 620)], 'JSON lines keep numbers')
t.equal(ask('asked', 'list', '--columns', 'n,server', '--limit', '1', '--csv', '-r', DEMO).out, 'n,server\n1653,192.168.10.11\n', 'chosen columns, in the order asked for')
narrow = ask('asked', 'list', '-r', DEMO, env=dict(UTC, COLUMNS='40'))
t.equal(narrow.out.split('\n')[1].split(), ['192.168.10.11', 'modbus', '1653'], 'a narrow table drops its last columns')
t.contains(narrow.err, 'no room for', 'and says so')
for wrong, said in ((['--limit', 'x'], '--limit x'), (['--limit', '-3'], '--limit -3'), (['--columns', '--csv'], 'wants a value'), (['--columns', 'nn'], 'no such column')):
    t.contains(ask('asked', 'list', '-r', DEMO, *wrong, code=2).err, said, 'refused: ' + ' '.join(wrong))
t.contains(ask('asked', 'list', code=2).err, 'of what?', 'a question about nothing is told so')
rows = list(csv.reader(io.StringIO(ask('asked', 'list', '--csv', '--sort', 'n', '-r', DEMO).out)))
t.equal([r[2] for r in rows], ['n', '620', '673', '727', '1653'], 'CSV, sorted by number')
t.equal(ask('asked', 'list', '--sort', '-n', '--limit', '1', '-r', DEMO).err.count('1 of 4 rows shown'), 1, 'what --limit leaves out is said')
t.equal(ask('asked', 'list', '--where', 'n > 1000 and server in 192.168.0.0/16', '-r', DEMO).out.count('192.168.10.'), 1, '--where filters rows')
nobody = ask('asked', 'list', '--where', 'protocol = "MODBUS" and n > 1000', '-r', DEMO)
t.contains(nobody.err, 'none of 4 rows is one that --where asks for; protocol is here "modbus", "fins"', 'an empty answer tells what could be asked for')

t.contains(ask('asked', 'list', '--where', 'm > 1', '-r', DEMO, code=2).err, 'no field m', 'a column that is not there')
t.contains(ask('asked', 'list', '--lest', '5', '-r', DEMO, code=2).err, 'did you mean least', 'an argument that is not there')
t.contains(ask('asked', 'lst', code=2).err, 'did you mean asked list', 'a command that is not there')
t.contains(ask('asked', 'list', '--least', 'many', '-r', DEMO, code=2).err, 'is no number', 'a value of the wrong kind')
t.contains(ask('asked', 'list', 'modbus', '5', 'and', '-r', DEMO, code=2).err, 'what is "and"?', 'a word too many')
t.contains(ask('asked', 'note', '192.168.10.11', 'filler', code=2).err, '--state DIR', 'an edit needs a place to keep it')
t.contains(ask('asked', 'list', '--help').out, '--where', '--help tells arguments and columns')
t.contains(ask('commands').out, 'Say something about a server.', 'commands are listed')

state = t.dir('state')
Run('-q', '-r', DEMO, '--state', state, SCRIPT)
r = ask('asked', 'note', '10.0.0.1', 'x', '--state', state, code=2)
t.equal(r.err.strip(), 'otoscope: nobody asked 10.0.0.1', 'what a script says to a person comes without a traceback')
t.equal(ask('asked', 'list', '--state', state).out.count('192.168.10.'), 4, 'what was remembered answers')
t.equal(ask('asked', 'note', '192.168.10.11', 'the filler', '--state', state).out, 'noted\n', 'an edit prints')
t.contains(ask('asked', 'list', '--state', state).out, 'the filler', 'and is kept')

# ---- a running engine answers for its state, and is the only one that writes it
if os.geteuid() != 0:
    t.skip('a running engine is asked', 'capturing on lo needs root')
else:
    state = os.path.join(t.dir('live'), 'longer-than-a-socket-' * 6)
    Run('-q', '-r', DEMO, '--state', state, SCRIPT)
    live = subprocess.Popen([OTOSCOPE, '-q', '-i', 'lo', '--state', state, SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.time() + 20
    while not os.path.exists(os.path.join(state, 'control')) and time.time() < deadline and live.poll() is None:
        time.sleep(0.05)
    t.equal(oct(os.stat(os.path.join(state, 'control')).st_mode & 0o777), '0o600', 'the socket is for its own user')
    t.equal(ask('asked', 'list', '--state', state).out.count('192.168.10.'), 4, 'a running engine answers')
    t.equal(ask('asked', 'note', '192.168.10.12', 'the mixer', '--state', state).out, 'noted\n', 'and takes edits')
    t.contains(ask('asked', 'lst', '--state', state, code=2).err, 'did you mean asked list', 'and tells what is wrong')
    r = Run('-q', '-r', DEMO, '--state', state, '--bare')
    t.ok(r.code == 1 and ('runs over' in r.err or 'already' in r.err), 'a second engine over the same state is refused', r.said())
    live.send_signal(signal.SIGINT)
    out, err = live.communicate(timeout=20)
    t.equal((live.returncode, out), (130, b''), 'it ends cleanly, and printed nothing of others\' answers')
    t.contains(ask('asked', 'list', '--state', state).out, 'the mixer', 'what it was told is kept')
    t.ok(not os.path.exists(os.path.join(state, 'control')), 'the socket is gone')

t.finish()
