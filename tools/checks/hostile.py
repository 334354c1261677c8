#!/usr/bin/env python3
"""hostile.py - captures spoilt as wires and attackers spoil them, through everything at once: tools/checks/hostile.py [--seed N] [--each]

Bits flipped, packets lost, doubled, out of order, cut short, files cut, clocks that jump back; all captures of a kind of damage are one run of the
sanitizer build with all scripts, logs and a state. It ends by itself, no sanitizer speaks, no script fails, and neither the weird log nor the alerts
drown people: what is told is bounded by packets and by what the same captures tell unspoilt. --each takes one capture at a time and prints numbers.
"""
import argparse
import collections
import os
import random
import shutil
import struct
import subprocess
import time

from tap import CAPTURES, OTOSCOPE, SHARED, Tap, captures

LARGEST = 2 << 20     # bytes of a capture
FROM_SHARED = 30      # captures of as many protocols
WEIRDS, ALERTS = 50, 4  # rows of weird.log per 1,000 packets; alerts against those of the captures as they are
SNAP = 96


def read(path):
    """Head and records [seconds, fraction, length, frame] of a pcap file in this machine's order; None of another kind of file."""
    data = open(path, 'rb').read()
    if len(data) < 40 or data[:4] not in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1'):
        return None
    records, at = [], 24
    while at + 16 <= len(data):
        seconds, fraction, size, length = struct.unpack('<IIII', data[at:at + 16])
        records.append([seconds, fraction, length, bytearray(data[at + 16:at + 16 + size])])
        at += 16 + size
    return data[:24], records


def written(head, records):
    return head + b''.join(struct.pack('<IIII', s & 0xffffffff, f, len(frame), length) + frame for s, f, length, frame in records)


def flipped(records, dice):
    """One bit in a thousand."""
    for record in records:
        frame = record[3]
        for _ in range(sum(dice.random() < 0.008 for _ in frame)):
            frame[dice.randrange(len(frame))] ^= 1 << dice.randrange(8)
    return records


def lossy(records, dice):
    """One in twenty is lost, one in twenty comes twice, and each may come up to ten packets late; the clock of the sensor goes on."""
    times = [r[:2] for r in records]
    places = []
    for n, record in enumerate(records):
        for _ in range(dice.choices((0, 1, 2), (5, 90, 5))[0]):
            places.append((n + dice.uniform(0, 10) * (dice.random() < 0.2), len(places), record))
    return [times[min(int(place), len(times) - 1)] + record[2:] for place, _, record in sorted(places, key=lambda p: p[:2])]


def snapped(records, _):
    return [[s, f, length, frame[:SNAP]] for s, f, length, frame in records]


def backwards(records, dice):
    """A clock that is set back, up to an hour, again and again."""
    back = 0
    for record in records:
        if dice.random() < 5 / len(records):
            back += dice.randrange(1, 3600)
        record[0] -= back
    return records


def all_of_it(records, dice):
    return backwards(snapped(lossy(flipped(records, dice), dice), dice), dice)


DAMAGES = {'as it is': lambda records, dice: records, 'flipped bits': flipped, 'lost, doubled, out of order': lossy, 'cut to 96 bytes': snapped,
           'a clock set back': backwards, 'all of it': all_of_it, 'cut files': None}


def lies(path):
    """A capture of messages that lie: nearly each is a weird as it is, so how many there are says nothing."""
    return 'malformed' in os.path.basename(path)


def chosen():
    """Our own captures, and of the real ones the largest that is small enough, of as many protocols; those that lie last."""
    found = [p for p in captures() if os.path.getsize(p) <= LARGEST]
    real = collections.OrderedDict()
    for path in captures(os.path.join(SHARED, 'pcaps')) if os.path.isdir(os.path.join(SHARED, 'pcaps')) else []:
        if os.path.getsize(path) <= LARGEST and read(path):
            real.setdefault(os.path.basename(os.path.dirname(path)), []).append(path)
    kinds = sorted(real, key=lambda kind: -len(real[kind]))[:FROM_SHARED]
    return sorted((p for p in found + [max(real[kind], key=os.path.getsize) for kind in kinds] if read(p)), key=lies)


def spoil(t, path, n, damage, seed):
    """The capture, spoilt; the same for the same seed."""
    head, records = read(path)
    dice = random.Random('%d %s %d' % (seed, damage, n))
    data = written(head, (DAMAGES[damage] or DAMAGES['as it is'])(records, dice)) if records else head
    if not DAMAGES[damage]:
        data = data[:dice.randrange(25, len(data))] if len(data) > 25 else data
    return t.write('made/%d.pcap' % n, data)


def rows(folder, log):
    """Rows of a log as dicts."""
    names, path = [], os.path.join(folder, log + '.log')
    for line in open(path, encoding='utf-8') if os.path.exists(path) else []:
        cells = line.rstrip('\n').split('\t')
        if cells[0] == '#fields':
            names = cells[1:]
        elif not line.startswith('#'):
            yield dict(zip(names, cells))


def run(t, files):
    """Exit code, standard error, seconds, packets, weirds by name (rows, times), alerts by kind."""
    logs, state = os.path.join(t.scratch, 'logs'), os.path.join(t.scratch, 'state')
    for folder in (logs, state):
        shutil.rmtree(folder, ignore_errors=True)
    began = time.time()
    env = dict(os.environ, ASAN_OPTIONS='detect_stack_use_after_return=1:exitcode=99', UBSAN_OPTIONS='halt_on_error=1:print_stacktrace=1')
    p = subprocess.run([OTOSCOPE, '-r', *files, '-l', logs, '--state', state], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, timeout=900, check=False, env=env)
    weirds, alerts = {}, collections.Counter(r['kind'] for r in rows(logs, 'alerts'))
    for row in rows(logs, 'weird'):
        had = weirds.get(row['name'], (0, 0))
        weirds[row['name']] = (had[0] + 1, had[1] + int(row['number']))
    said = p.stderr.decode('utf-8', 'replace')
    packets = [line for line in said.split('\n') if ' packets over ' in line]
    return p.returncode, said, time.time() - began, int(packets[-1].split(' packets')[0].split()[-1].replace(',', '')) if packets else 0, weirds, alerts


def told(packets, weirds, alerts):
    top = ', '.join('%s %d' % (name, n[0]) for name, n in sorted(weirds.items(), key=lambda w: -w[1][0])[:6])
    return '%d packets, %.1f rows of weirds per 1,000 (%.0f times; %s), %d alerts (%s)' % (
        packets, 1000 * sum(n[0] for n in weirds.values()) / max(packets, 1), 1000 * sum(n[1] for n in weirds.values()) / max(packets, 1), top,
        sum(alerts.values()), ', '.join('%s %d' % kind for kind in alerts.most_common(5)))


def each(t, seed):
    """One at a time, for those who look into it."""
    for n, path in enumerate(chosen()):
        for damage in DAMAGES:
            code, said, took, *numbers = run(t, [spoil(t, path, n, damage, seed)])
            bad = [m for m in ('Sanitizer', 'runtime error', 'check failed', 'script error') if m in said]
            print('%s, %s: exit code %d, %.1f s, %s%s' % (os.path.relpath(path, SHARED), damage, code, took, told(*numbers),
                                                          ', SAYS ' + said if bad else ''), flush=True)


def sound(t, what, files):
    """They end by themselves, and nothing breaks. Packets, weirds, alerts."""
    code, said, took, *numbers = run(t, files)
    t.ok(code in (0, 1), '%s: %d captures in %.0f s end by themselves' % (what, len(files), took), said[-3000:])
    for mark in ('Sanitizer', 'runtime error', 'check failed', 'script error'):
        t.ok(mark not in said, '%s: no "%s" was reported' % (what, mark), said[-3000:])
    return numbers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--each', action='store_true')
    args = parser.parse_args()
    t = Tap()
    if args.each:
        each(t, args.seed)
        return
    usual = 0
    for damage in DAMAGES:
        made = [(path, spoil(t, path, n, damage, args.seed)) for n, path in enumerate(chosen())]
        sound(t, '%s, lies' % damage, [file for path, file in made if lies(path)])
        packets, weirds, alerts = sound(t, damage, [file for path, file in made if not lies(path)])
        usual = usual or sum(alerts.values())
        t.ok(sum(n[0] for n in weirds.values()) <= WEIRDS * packets / 1000 and sum(alerts.values()) <= ALERTS * usual + 10, '%s: %s' % (
            damage, told(packets, weirds, alerts)))
    t.finish()


if __name__ == '__main__':
    main()
