#!/usr/bin/env python3
"""The inventory of a large plant: 2,000 stations in 40,000 pairs a day, made by bench-day, of which the first argument is the path. After
a week the stores of pairs and functions are full: what it remembers stays below 300 MB of memory; killed in the middle, its state still
opens, and goes on."""
import glob
import os
import resource
import signal
import subprocess
import sys
import time

from tap import BUILD, OTOSCOPE, ROOT, Run, Tap

STATIONS, CONNECTIONS, DAYS = 2000, 40000, 6
MEGABYTES = 300
t = Tap()
maker = sys.argv[1] if len(sys.argv) > 1 else os.path.join(BUILD, 'bench-day')
scripts = sorted(f for f in glob.glob(os.path.join(ROOT, 'scripts', 'inventory', '*.lua')) if not f.endswith('.test.lua'))
SANITIZED = subprocess.run(['grep', '-qa', '__asan_init', OTOSCOPE]).returncode == 0


def day(name, stations, connections, days=1):
    path = os.path.join(t.scratch, name)
    with open(path, 'wb') as f:
        subprocess.run([maker, str(stations), str(connections), str(days)], stdout=f, check=True)
    return path


whole, state = day('days.pcap', STATIONS, CONNECTIONS, DAYS), t.dir('state')
done = subprocess.run([OTOSCOPE, '-q', '--bare', *scripts, '-r', whole], capture_output=True, text=True)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
t.ok(done.returncode == 0 and not done.stderr, '%d days of %d stations are read' % (DAYS, STATIONS), done.stderr)
t.ok(SANITIZED or peak < MEGABYTES, '%d stations, %d connections on each of %d days: below %d MB' % (STATIONS, CONNECTIONS, DAYS, MEGABYTES),
    '%d MB' % peak)

running = subprocess.Popen([OTOSCOPE, '-q', '--bare', *scripts, '-r', '-', '--state', state], stdin=open(whole, 'rb'),
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
database = os.path.join(state, 'state.db')
for _ in range(600):
    if running.poll() is not None or os.path.exists(database) and os.path.getsize(database) > 100000:
        break
    time.sleep(0.1)
running.send_signal(signal.SIGKILL)
running.wait()
asked = Run('inventory', '--json', '--state', state)
t.ok(asked.code == 0 and 'Sanitizer' not in asked.err, 'killed in the middle, the state still opens', asked.said())
again = Run('-q', '-r', day('small.pcap', 100, 2000), '--state', state)
asked = Run('inventory', '--json', '--state', state)
t.ok(again.code == 0 and asked.code == 0 and asked.out.count('\n') >= 100, 'and goes on', again.said() + asked.said())
t.finish()
