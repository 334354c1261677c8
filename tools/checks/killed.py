#!/usr/bin/env python3
"""killed.py - an engine that is killed (SIGKILL) at any moment, under load and with edits of its lists in flight: tools/checks/killed.py [ROUNDS]
[--rate N] [--demand]

Packets come through a pipe at the rate (50,000 a second), or as fast as the engine gets to run; --demand fails when they came slower. The moment
of a kill is a packet and a few milliseconds, so that a busy machine only takes longer. After each kill the state opens, is whole, has every edit
that was acknowledged, and else is what an uninterrupted run had at the time of the last commit: all rows learned before the newest one that is
there, and none that such a run has not.
"""
import argparse
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import threading
import time

from tap import CAPTURES, OTOSCOPE, Run, Tap

CHUNK = 100  # packets written at once
LISTS = ('new_terminal', 'ot_behaviour')  # their rows stay as they were learned
UTC = dict(os.environ, TZ='UTC')


def plants(times):
    """The plant of a capture again and again, ten minutes later each time and in another network: there is always something to learn. The head of
    the file, and what is written at once."""
    data = open(os.path.join(CAPTURES, 'demo.pcap'), 'rb').read()
    records, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, size, length = struct.unpack('<IIII', data[at:at + 16])
        records.append((seconds, micros, length, data[at + 16:at + 16 + size]))
        at += 16 + size
    made = []
    for n in range(times):
        for seconds, micros, length, frame in records:
            frame = bytearray(frame)
            for place in (26, 30) if frame[12:14] == b'\x08\x00' else ():
                if frame[place:place + 2] == b'\xc0\xa8':
                    frame[place + 2] = 10 + n
            made.append(struct.pack('<IIII', seconds + 600 * n, micros, len(frame), length) + frame)
    return data[:24], [b''.join(made[n:n + CHUNK]) for n in range(0, len(made) - CHUNK + 1, CHUNK)]


class Sender(threading.Thread):
    """Writes packets into a pipe at a rate, then says so and leaves the pipe open."""

    def __init__(self, pipe, chunks, rate):
        super().__init__(daemon=True)
        self.pipe, self.chunks, self.rate = pipe, chunks, rate
        self.done, self.took = threading.Event(), 0

    def write(self, data):
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.pipe, rest):]

    def run(self):
        began = time.monotonic()
        try:
            for n, chunk in enumerate(self.chunks):
                time.sleep(max(began + n * CHUNK / self.rate - time.monotonic(), 0))
                self.write(chunk)
        except BrokenPipeError:
            pass
        self.took = time.monotonic() - began
        self.done.set()


def rows(state):
    """Rows of the lists: (list, values) -> (how, when)."""
    found, name = {}, None
    for line in Run('learn', 'export', '--state', state, env=UTC).out.splitlines():
        if line.startswith('#list'):
            name = line.split('\t')[1]
        elif line.startswith('+'):
            values, note = line[2:].split('\t# ')
            who, when, _ = note.split('\t')
            found[name, values] = (who, when)
    return found


def learned(found):
    return {k: v for k, v in found.items() if v[0] == 'learned' and k[0] in LISTS}


def edit(state, n, stop):
    """Add a row. It, the process that adds it, and whether that was acknowledged before there was to be an end."""
    row = '10.1.1.%d, 10.1.2.%d, modbus, EDIT' % (n % 250, n // 250)
    process = subprocess.Popen([OTOSCOPE, 'learn', 'add', 'ot_behaviour', row, '--who', 'ann', '--state', state], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, env=UTC)
    while process.poll() is None and not stop.wait(0.002):
        pass
    return ('ot_behaviour', row.replace(', ', '\t')), process, process.poll() == 0


def killed(state, head, chunks, rate, wait):
    """Run, edit, kill after the last chunk and a little while: the rows that were acknowledged, whether it still ran, and the sender."""
    os.makedirs(state)
    read, write = os.pipe()
    os.write(write, head + chunks[0])
    engine = subprocess.Popen([OTOSCOPE, '-q', '-r', '-', '--state', state], stdin=read, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=UTC)
    os.close(read)
    while not os.path.exists(os.path.join(state, 'control')) and engine.poll() is None:
        time.sleep(0.01)
    sender, edits, process = Sender(write, chunks[1:], rate), [], None
    sender.start()
    n = 0
    while not sender.done.is_set():
        row, process, acknowledged = edit(state, n, sender.done)
        edits += [row] if acknowledged else []
        n += 1
    time.sleep(wait)  # an edit may be in flight, and packets in the pipe
    was_running = engine.poll() is None
    engine.kill()
    engine.wait()
    sender.join()
    os.close(write)
    if process and process.wait(30) == 0:
        edits.append(row)
    return edits, was_running, sender


def compare(found, edits, whole):
    """What is wrong with the rows that a killed engine left."""
    lost, have = [e for e in edits if e not in found], learned(found)
    if lost:
        yield '%d of %d acknowledged edits are lost: %s' % (len(lost), len(edits), lost[:2])
    last = max([v[1] for v in have.values()], default='')
    missing = [k for k, v in whole.items() if v[1] < last and k not in have]
    more = [k for k in have if k not in whole]
    if missing or more:
        yield '%d rows before %s are missing, %d are not of the whole run: %s' % (len(missing), last, len(more), (missing + more)[:3])


def main():
    """One run that is left alone, then the others."""
    options = argparse.ArgumentParser()
    options.add_argument('rounds', nargs='?', type=int, default=10)
    options.add_argument('--rate', type=int, default=50000)
    options.add_argument('--demand', action='store_true')
    options = options.parse_args()
    t = Tap()
    head, chunks = plants(12)
    capture = t.write('plants.pcap', head + b''.join(chunks))
    Run('-q', '-r', capture, '--state', t.dir('whole'), env=UTC)
    whole, chance = learned(rows(os.path.join(t.scratch, 'whole'))), random.Random(7)
    t.ok(len(whole) > 300, 'a run that is left alone learns %d rows of %d packets' % (len(whole), CHUNK * len(chunks)))
    wrong, kept, edits_of_all, under_load, packets, seconds, slowest = [], 0, 0, 0, 0, 0, options.rate
    for n in range(options.rounds):
        state = os.path.join(t.scratch, 'state')
        shutil.rmtree(state, ignore_errors=True)
        edits, was_running, sender = killed(state, head, chunks[:chance.randrange(len(chunks) // 20, len(chunks))], options.rate, chance.uniform(0, 0.02))
        under_load += was_running
        packets, seconds = packets + CHUNK * len(sender.chunks), seconds + sender.took
        slowest = min(slowest, CHUNK * len(sender.chunks) / sender.took)
        base = sqlite3.connect(os.path.join(state, 'state.db'))
        if base.execute('pragma integrity_check').fetchone() != ('ok',):
            wrong.append('round %d: the database is damaged' % n)
        base.close()
        found = rows(state)
        wrong += ['round %d: %s' % (n, what) for what in compare(found, edits, whole)]
        kept, edits_of_all = kept + len(learned(found)), edits_of_all + len(edits)
    t.ok(not wrong, '%d kills, %d of them while it worked: nothing damaged, nothing acknowledged lost, rows as at the last commit' %
         (options.rounds, under_load), '\n'.join(wrong))
    t.ok(kept > 0 and edits_of_all > 0, 'they left %d learned rows and %d edits' % (kept, edits_of_all))
    t.ok(packets / seconds >= 0.99 * options.rate or not options.demand, 'packets came at %.0f a second, in the slowest round at %.0f' %
         (packets / seconds, slowest))
    t.finish()


if __name__ == '__main__':
    main()
