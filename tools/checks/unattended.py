#!/usr/bin/env python3
"""unattended.py - what a sensor that nobody looks at meets in years: a wire that is never silent, an interface that goes down, comes up and is taken
away, a disk that is full, a state that is damaged or of another layout, a clock set back.

Interfaces and the small disk are of namespaces of their own (unshare); where that is not allowed those cases are skipped.
"""
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

from killed import plants
from tap import OTOSCOPE, Run, Tap

UTC = dict(os.environ, TZ='UTC')


def may(*namespaces):
    return shutil.which('unshare') and subprocess.run(['unshare', *namespaces, 'true'], stderr=subprocess.DEVNULL, check=False).returncode == 0


def inside(t, namespace, part, folder):
    """This file again in a namespace of its own: its cases become ours."""
    p = subprocess.run(['unshare', namespace, sys.executable, __file__, part, folder], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=300,
                       check=False)
    lines = p.stdout.decode().split('\n')
    for line in lines:
        found = re.match(r'(ok|not ok) \d+ - (.*)', line)
        if found:
            t.ok(found.group(1) == 'ok', found.group(2), '\n'.join(lines[-20:]))
    t.ok('1..' in p.stdout.decode(), '%s: all was looked at' % part, p.stderr.decode())


def until(true, seconds=30):
    end = time.time() + seconds
    while not (value := true()) and time.time() < end:
        time.sleep(0.05)
    return value


def run(*args):
    subprocess.run(args, check=True)


class Engine:
    """A running engine; stderr goes to a file, so that it never waits for us."""

    def __init__(self, folder, *args, stdin=None, said=None):
        self.state, self.path = os.path.join(folder, 'state'), said or os.path.join(folder, 'stderr')
        self.process = subprocess.Popen([OTOSCOPE, *args, '--state', self.state], stdin=stdin, stdout=subprocess.DEVNULL, stderr=open(self.path, 'wb'),
                                        env=UTC)

    def up(self):
        return until(lambda: os.path.exists(os.path.join(self.state, 'control')) or self.process.poll() is not None) and self.process.poll() is None

    def said(self):
        return open(self.path, encoding='utf-8').read()

    def edit(self, n):
        """Seconds that it took to add a row, and how that ended."""
        began = time.time()
        r = Run('learn', 'add', 'ot_behaviour', '10.1.1.%d, 10.1.2.3, modbus, EDIT' % n, '--state', self.state, env=UTC)
        return time.time() - began, r

    def end(self):
        self.process.terminate()
        return self.process.wait(60)


# ------------------------------------------------------------------------------------------------ wires

class Wire(threading.Thread):
    """Somebody who asks for others, some fifty times a second, for ever."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over, self.socket = False, socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind(('there', 0))

    def run(self):
        for n in range(1 << 30):
            sender = bytes([2, 0, 0, 0, 0, n % 200])
            try:
                self.socket.send(b'\xff' * 6 + sender + b'\x08\x06\0\x01\x08\0\x06\x04\0\x01' + sender + bytes([10, 0, 0, n % 200]) + bytes(6) +
                                 bytes([10, 0, 0, 254]))
            except OSError:
                pass  # the interface is down
            if self.over:
                return
            time.sleep(0.02)



def wires(t, folder):
    """In a namespace of the network: a pair of interfaces, and an engine at one of them."""
    run('ip', 'link', 'add', 'here', 'type', 'veth', 'peer', 'name', 'there')
    for name in 'here', 'there', 'lo':
        run('ip', 'link', 'set', name, 'up')
    engine = Engine(folder, '-i', 'here')
    t.ok(engine.up(), 'live: it runs', engine.said())
    wire = Wire()
    wire.start()
    time.sleep(1)
    took, r = engine.edit(1)
    t.ok(r.code == 0 and took < 10, 'live: it answers while the wire is never silent (%.1f s)' % took, r.said())
    run('ip', 'link', 'set', 'here', 'down')
    time.sleep(1)
    _, r = engine.edit(2)
    t.ok(engine.process.poll() is None and r.code == 0, 'live: an interface that goes down does not end it', engine.said())
    before = terminals(engine)
    run('ip', 'link', 'set', 'here', 'up')
    wire.over = True
    wire.join()
    late = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    late.bind(('there', 0))
    mac = b'\x02\0\0\0\x01\x01'
    frame = b'\xff' * 6 + mac + b'\x08\x06\0\x01\x08\0\x06\x04\0\x01' + mac + b'\x0a\0\x01\x01' + bytes(6) + b'\x0a\0\0\xfe'
    seen = until(lambda: (late.send(frame), '10.0.1.1' in terminals(engine))[1])
    t.ok('10.0.1.1' not in before and seen, 'live: when it is up again packets are seen again', engine.said())
    run('ip', 'link', 'del', 'here')
    code = engine.process.wait(30)
    t.ok(code == 1 and 'here: ' in engine.said(), 'live: an interface that is taken away ends it, with a word', '%d %s' % (code, engine.said()))
    t.equal(Run('learn', 'show', 'ot_behaviour', '--state', engine.state, env=UTC).out.count('EDIT'), 2, 'live: and what it knew is kept')


def terminals(engine):
    return Run('inventory', '--state', engine.state, env=UTC).out


# ------------------------------------------------------------------------------------------------ disks

def disks(t, folder):
    """In a namespace of mounts: logs, state and spool on a disk that is too small, and then grows."""
    small = os.path.join(folder, 'small')
    os.makedirs(small)
    run('mount', '-t', 'tmpfs', '-o', 'size=3m', 'none', small)
    head, chunks = plants(24)
    read, write = os.pipe()
    os.write(write, head + chunks[0])
    engine = Engine(small, '-q', '-r', '-', '-l', os.path.join(small, 'logs'), '--send', stdin=read, said=os.path.join(folder, 'stderr'))
    os.close(read)
    half = len(chunks) // 2
    t.ok(engine.up(), 'full disk: it runs', engine.said())
    feed(write, chunks[1:half])
    _, r = engine.edit(1)
    t.ok(engine.process.poll() is None, 'full disk: it goes on', engine.said())
    t.ok(r.code == 1 and 'not kept' in r.err and 'full' in r.err, 'full disk: who edits a list is told', r.said())
    run('mount', '-o', 'remount,size=200m', small)
    feed(write, chunks[half:])
    took, r = engine.edit(2)
    t.ok(r.code == 0, 'full disk: once there is room, edits are kept again', r.said())
    os.close(write)
    t.equal(engine.process.wait(60), 1, 'full disk: that rows of logs are lost is the exit code')
    said = engine.said()
    for begun, over in (('state is not saved', 'state is saved again'), ('alerts are not handed', 'alerts are handed to otoscope send again; 0 were lost'),
                        ('rows are lost', 'logs in .* are written again; [1-9][0-9]* rows were lost')):
        t.ok(len(re.findall(begun, said)) == 1 and len(re.findall(over, said)) == 1, 'full disk: "%s" is told once, and when it is over' % begun, said)
    base = sqlite3.connect(os.path.join(engine.state, 'state.db'))
    t.equal(base.execute('pragma integrity_check').fetchone(), ('ok',), 'full disk: the state is whole')
    spool = sqlite3.connect(os.path.join(engine.state, 'spool.db')).execute('select count(*) from spool').fetchone()[0]
    alerts = sum(1 for line in open(os.path.join(small, 'logs', 'alerts.log'), encoding='utf-8') if not line.startswith('#'))
    t.ok(spool >= alerts > 0, 'full disk: all %d alerts are in the spool (%d are in the log)' % (spool, alerts))
    t.equal(Run('learn', 'show', 'ot_behaviour', '--state', engine.state, env=UTC).out.count('EDIT'), 2, 'full disk: both edits are there in the end')
    run('umount', '-l', small)


def feed(pipe, chunks):
    for chunk in chunks:
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(pipe, rest):]
    time.sleep(0.5)


# ------------------------------------------------------------------------------------------------ anywhere

def pipes(t):
    """Packets that come through a pipe, and then none."""
    head, chunks = plants(1)
    read, write = os.pipe()
    os.write(write, head + chunks[0])
    engine = Engine(t.dir('pipe'), '-q', '-r', '-', stdin=read)
    os.close(read)
    t.ok(engine.up(), 'pipe: it runs', engine.said())
    took, r = engine.edit(1)
    t.ok(r.code == 0 and took < 10, 'pipe: it answers while it waits for packets (%.1f s)' % took, r.said())
    began = time.time()
    t.ok(engine.end() == 130 and time.time() - began < 20, 'pipe: and ends when it is told to', engine.said())
    os.close(write)


def damaged(t):
    """A state that is damaged in any place: it is told, or it does not matter. Never a crash, and the file is not thrown away."""
    head, chunks = plants(1)
    capture, state = t.write('one.pcap', head + b''.join(chunks[:40])), os.path.join(t.scratch, 'damaged')
    whole = os.path.join(t.scratch, 'whole')
    r = Run('-q', '-r', capture, '--state', whole, env=UTC)
    t.equal(r.code, 0, 'a state to be damaged')
    data, dice, wrong, told = open(os.path.join(whole, 'state.db'), 'rb').read(), random.Random(3), [], 0
    for n in range(24):
        spoilt = bytearray(data)
        if n % 3 == 0:
            del spoilt[dice.randrange(1, len(data)):]
        for _ in range(1 if n % 3 == 1 else 200 if n % 3 == 2 else 0):
            spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(whole, state)
        open(os.path.join(state, 'state.db'), 'wb').write(spoilt)
        os.unlink(os.path.join(state, 'captures.tsv'))
        r = Run('-q', '-r', capture, '--state', state, env=UTC)
        told += r.code != 0 and 'state.db' in r.err
        if r.code not in (0, 1, 2) or 'Sanitizer' in r.err or 'runtime error' in r.err or (r.code and 'state.db' not in r.err):
            wrong.append('%d: %s' % (n, r.said()))
        if not os.path.getsize(os.path.join(state, 'state.db')):
            wrong.append('%d: the file is gone' % n)
    t.ok(not wrong and told > 3, '24 damaged states: %d are told of, the others do as well' % told, '\n'.join(wrong[:3]))
    base = sqlite3.connect(os.path.join(whole, 'state.db'))
    base.execute("update meta set value = 2 where key = 'schema'")
    base.commit()
    base.close()
    os.unlink(os.path.join(whole, 'captures.tsv'))
    r = Run('-q', '-r', capture, '--state', whole, env=UTC)
    t.ok(r.code == 2 and 'is of layout 2' in r.err and 'use the one that wrote it' in r.err, 'a state of another layout is told and left alone', r.said())


SET_BACK = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec *t)
{
	int rc = (int)syscall(SYS_clock_gettime, id, t);
	if (id == CLOCK_REALTIME && access(getenv("CLOCK_SET_BACK"), F_OK) == 0)
		t->tv_sec -= 3600;
	return rc;
}
"""


def clocks(t, folder):
    """In a namespace of the network: the machine's clock (as the engine sees it) is set back by an hour."""
    source, library, flag = (os.path.join(folder, name) for name in ('clock.c', 'clock.so', 'set-back'))
    open(source, 'w', encoding='ascii').write(SET_BACK)
    run('cc', '-shared', '-fPIC', '-o', library, source)
    run('ip', 'link', 'set', 'lo', 'up')
    environment = {'LD_PRELOAD': library, 'CLOCK_SET_BACK': flag, 'ASAN_OPTIONS': 'verify_asan_link_order=0'}
    os.environ.update(environment)
    UTC.update(environment)
    engine = Engine(folder, '-i', 'lo', '-l', os.path.join(folder, 'logs'))
    t.ok(engine.up(), 'clock: it runs', engine.said())
    _, first = engine.edit(1)
    open(flag, 'w', encoding='ascii').close()
    told = until(lambda: 'the clock was set back by 3600 s' in engine.said())
    t.ok(told and engine.up(), 'clock: set back by an hour, the run begins anew and says so', engine.said())
    _, second = until(lambda: (lambda r: r if r[1].code == 0 else None)(engine.edit(2)))
    t.ok(first.code == 0 and second.code == 0, 'clock: it answers before and after', first.said() + second.said())
    os.unlink(flag)  # set forward: that is but a pause
    time.sleep(1)
    t.equal(engine.said().count('set back'), 1, 'clock: set forward again, it goes on')
    t.equal(engine.end(), 130, 'clock: it ends when it is told to')
    t.equal(len([name for name in os.listdir(os.path.join(folder, 'logs')) if name.startswith('stats')]), 2, 'clock: logs of both runs are there')
    t.equal(Run('learn', 'show', 'ot_behaviour', '--state', engine.state, env=UTC).out.count('EDIT'), 2, 'clock: and what it knew is kept')


def reloads(t, folder):
    """In a namespace of the network: scripts are edited under a running engine."""
    rule = os.path.join(folder, 'rule.lua')

    def write(text):
        with open(rule, 'w', encoding='ascii') as f:
            f.write(text)

    def script(name, known):
        write('local n = state.map { name = "n", key = "string" }\n'
              'command.new { name = "knows", doc = "What is known.", run = function() print("%s", n:get("first"), n:get("second")) end }\n'
              'on("start", function() n:set("%s", %s) end)\n' % (name, name, known))

    run('ip', 'link', 'set', 'lo', 'up')
    script('first', '1')
    engine = Engine(folder, '-i', 'lo', '-l', os.path.join(folder, 'logs'), rule)

    # Between two runs the question is answered from what was saved, by a start of its own: nothing here may count starts.
    def asked():
        return Run('knows', '--state', engine.state, rule, env=UTC).out.split()

    t.ok(engine.up() and until(lambda: asked() == ['first', '1', 'nil']), 'reload: it runs', engine.said())
    write('on("start", function( end)\n')
    engine.process.send_signal(signal.SIGHUP)
    t.ok(until(lambda: 'the scripts that run go on' in engine.said()), 'reload: a mistake is told', engine.said())
    t.ok('rule.lua:1:' in engine.said(), 'reload: with its place', engine.said())
    t.equal(engine.said().count('anew'), 0, 'reload: and the old script goes on')
    script('second', 'n:get("first") + 1')
    engine.process.send_signal(signal.SIGHUP)
    t.ok(until(lambda: 'anew' in engine.said()) and until(lambda: asked() == ['second', '1', '2']),
         'reload: the new script runs, with what the old one knew', engine.said())
    t.equal(engine.said().count('script error'), 0, 'reload: that a script is tried without what is known is nothing to tell')
    t.equal(engine.end(), 130, 'reload: it ends when it is told to')


def main():
    t = Tap()
    if len(sys.argv) == 3:
        {'wires': wires, 'disks': disks, 'clocks': clocks, 'reloads': reloads}[sys.argv[1]](t, sys.argv[2])
        t.finish()
    for namespace, part, what in (('-n', 'wires', 'interfaces that come and go'), ('-m', 'disks', 'a disk that is full'),
                                  ('-n', 'clocks', 'a clock that is set back'), ('-n', 'reloads', 'scripts that are read anew')):
        if may(namespace):
            inside(t, namespace, part, t.dir(part))
        else:
            t.skip(what, 'unshare %s is not allowed here' % namespace)
    pipes(t)
    damaged(t)
    t.finish()


if __name__ == '__main__':
    main()
