#!/usr/bin/env python3
"""killed.py - an engine that is killed (SIGKILL) at any moment, under load and with edits of its lists in flight: tools/checks/killed.py [ROUNDS]

After each kill the state opens, is whole, has every edit that was acknowledged, and else is what an uninterrupted run had at the time of the
last commit: all rows learned before the newest one that is there, and none that such a run has not.
"""
import os
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import time

from tap import CAPTURES, OTOSCOPE, Run, Tap

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 10
LISTS = ('new_terminal', 'ot_behaviour')  # their rows stay as they were learned
UTC = dict(os.environ, TZ='UTC')


def plants(path, times):
    """The plant of a capture again and again, ten minutes later each time and in another network: there is always something to learn."""
    data = open(os.path.join(CAPTURES, 'demo.pcap'), 'rb').read()
    records, at = [], 24
    while at + 16 <= len(data):
        seconds, micros, size, length = struct.unpack('<IIII', data[at:at + 16])
        records.append((seconds, micros, length, data[at + 16:at + 16 + size]))
        at += 16 + size
    with open(path, 'wb') as out:
        out.write(data[:24])
        for n in range(times):
            for seconds, micros, length, frame in records:
                frame = bytearray(frame)
                for place in (26, 30) if frame[12:14] == b'\x08\x00' else ():
                    if frame[place:place + 2] == b'\xc0\xa8':
                        frame[place + 2] = 10 + n
                out.write(struct.pack('<IIII', seconds + 600 * n, micros, len(frame), length))
                out.write(frame)
    return len(records) * times


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


def killed(state, capture, chance, longest):
    """Run, edit, kill; the rows that were acknowledged."""
    os.makedirs(state)
    engine = subprocess.Popen([OTOSCOPE, '-q', '-r', capture, '--state', state], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=UTC)
    end, edits, n, done = time.time() + chance.uniform(0.2, longest), [], 0, None
    while time.time() < end and engine.poll() is None:
        if not os.path.exists(os.path.join(state, 'control')):
            time.sleep(0.05)
            continue
        n += 1
        row = '10.1.1.%d, 10.1.2.%d, modbus, EDIT' % (n % 250, n // 250)
        try:
            done = subprocess.Popen([OTOSCOPE, 'learn', 'add', 'ot_behaviour', row, '--who', 'ann', '--state', state], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, env=UTC)
            code = done.wait(max(end - time.time(), 0.001))
        except subprocess.TimeoutExpired:
            break  # it is in flight when the engine is killed
        if code == 0:
            edits.append(('ot_behaviour', row.replace(', ', '\t')))
    was_running = engine.poll() is None
    engine.kill()
    engine.wait()
    if done:
        done.wait(30)
    return edits, was_running


def main():
    """One run that is left alone, then the others."""
    t = Tap()
    capture = os.path.join(t.scratch, 'plants.pcap')
    packets = plants(capture, 12)
    began = time.time()
    Run('-q', '-r', capture, '--state', t.dir('whole'), env=UTC)
    took = time.time() - began
    whole, chance = learned(rows(os.path.join(t.scratch, 'whole'))), random.Random(7)
    t.ok(len(whole) > 300, 'a run that is left alone learns %d rows of %d packets (%.0f a second)' % (len(whole), packets, packets / took))
    wrong, kept, edits_of_all, under_load = [], 0, 0, 0
    for n in range(ROUNDS):
        state = os.path.join(t.scratch, 'state')
        shutil.rmtree(state, ignore_errors=True)
        edits, was_running = killed(state, capture, chance, took)
        under_load += was_running
        if not os.path.exists(os.path.join(state, 'state.db')):
            continue
        found = rows(state)
        base = sqlite3.connect(os.path.join(state, 'state.db'))
        if base.execute('pragma integrity_check').fetchone() != ('ok',):
            wrong.append('round %d: the database is damaged' % n)
        base.close()
        lost = [e for e in edits if e not in found]
        if lost:
            wrong.append('round %d: %d of %d acknowledged edits are lost: %s' % (n, len(lost), len(edits), lost[:2]))
        have = learned(found)
        last = max([v[1] for v in have.values()], default='')
        missing = [k for k, v in whole.items() if v[1] < last and k not in have]
        more = [k for k in have if k not in whole]
        if missing or more:
            wrong.append('round %d: %d rows before %s are missing, %d are not of the whole run: %s' % (n, len(missing), last, len(more), (missing + more)[:3]))
        kept, edits_of_all = kept + len(have), edits_of_all + len(edits)
    t.ok(not wrong, '%d kills, %d of them while it worked: nothing damaged, nothing acknowledged lost, rows as at the last commit' % (ROUNDS, under_load),
         '\n'.join(wrong))
    t.ok(kept > 0 and edits_of_all > 0, 'they left %d learned rows and %d edits' % (kept, edits_of_all))
    t.finish()


if __name__ == '__main__':
    main()
