#!/usr/bin/env python3
"""A made plant: the same seed gives the same bytes, frames are sound where nothing else is intended, and the detections find what
happens in a short one without telling of much else. The 28 days that a release is measured by: tools/measure-detection."""
import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys

from tap import BUILD, OTOSCOPE, ROOT, Tap

PLANT = os.environ.get('TRAFFIC_PLANT', os.path.join(BUILD, 'traffic-plant'))
SHORT = ['--days', '0.5', '--learn', '0.1', '--terminals', '40', '--connections', '3000', '--polls', '6000']
# Kinds that are made of broken frames, or of floods that take long to look through.
BROKEN = 'malformed-storm,malformed-requests,port-scan-udp,function-scan,mirror-loss,syn-flood,icmp-flood,broadcast-storm,clock-jump'
WRONG = ('_ws.malformed || tcp.checksum.status==0 || udp.checksum.status==0 || ip.checksum.status==0 || tcp.analysis.lost_segment || '
         'tcp.analysis.out_of_order || tcp.analysis.retransmission')
SURE = 'plc-stop,program-download,port-scan,arp-scan,new-terminal,password-guessing-smb,internet-from-controller,dns-tunnel,smb1-use,new-function'
FALSE_A_DAY = 12  # over the first two days after a day and a half of learning: lists and models know the plant hardly yet

tap = Tap()


def made(*words):
    done = subprocess.run([PLANT] + list(words), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.returncode, done.stdout, done.stderr.decode('utf-8', 'replace')


def determinism():
    one, two, other = (hashlib.sha256(made('--seed', seed, *SHORT)[1]).hexdigest() for seed in ('5', '5', '6'))
    tap.equal(one, two, 'the same seed gives the same bytes')
    tap.ok(one != other, 'another seed gives other bytes')


def order():
    code, capture, _ = made('--seed', '8', '--without', 'clock-jump', *SHORT)
    at, last, backwards, packets = 24, (0, 0), 0, 0
    while at < len(capture):
        second, micro, kept, _ = struct.unpack_from('<IIII', capture, at)
        backwards += (second, micro) < last
        last, at, packets = (second, micro), at + 16 + kept, packets + 1
    tap.ok(code == 0 and packets > 20000 and backwards == 0 and at == len(capture), 'frames are in order and whole',
           '%d packets, %d backwards' % (packets, backwards))


def words():
    for wrong in (['--only', 'nonsense'], ['--days', '0'], ['--terminals', '5'], ['--nonsense'], ['--start', 'monday'], ['--seed']):
        code, _, said = made(*wrong)
        tap.ok(code == 2 and said.startswith('plant: '), 'refused: ' + ' '.join(wrong), said)
    code, text, _ = made('--list')
    kinds = [line.split()[0] for line in text.decode().splitlines()]
    attacks = [k for k in kinds if not k.startswith('benign-')]
    tap.ok(code == 0 and len(attacks) >= 40 and len(set(kinds)) == len(kinds), 'forty kinds and more', text.decode())


def every_kind():
    """Whatever the plant of a seed is like, everything can happen in it; what needs a protocol it lacks, does not."""
    happened = set()
    for seed in range(40, 46):
        path = os.path.join(tap.dir('every'), 'truth.jsonl')
        code, _, said = made('--seed', str(seed), '--days', '1.2', '--learn', '0.1', '--terminals', str(30 + 10 * (seed - 40)), '--connections', '2000',
                             '--polls', '60000', '--without', 'syn-flood,icmp-flood,broadcast-storm', '--times', '2', '--truth', path, '-o', os.devnull)
        tap.ok(code == 0, 'everything happens with seed %d' % seed, said)
        happened |= {json.loads(line)['kind'] for line in open(path)}
    listed = {line.split()[0] for line in made('--list')[1].decode().splitlines()} - {'syn-flood', 'icmp-flood', 'broadcast-storm'}
    tap.equal(sorted(listed - happened), [], 'every kind has happened')


def truth():
    path = os.path.join(tap.dir('truth'), 'truth.jsonl')
    made('--seed', '9', '--truth', path, '--only', 'plc-stop,port-scan', '--times', '2', '-o', os.devnull, *SHORT)
    rows = [json.loads(line) for line in open(path)]
    run, written = rows[0], rows[-1]
    attacks = [r for r in rows if r['kind'] in ('plc-stop', 'port-scan')]
    tap.ok(run['kind'] == 'run' and written['kind'] == 'written' and len(attacks) == 4, 'the truth tells of the run and each attack', rows)
    tap.ok(all(run['start'] + 8640 <= r['start'] <= r['end'] <= run['end'] and r['source']['ip'] for r in attacks),
           'attacks happen after the learning period', attacks)


def sound():
    if not shutil.which('tshark'):
        return tap.skip('frames are sound', 'tshark is not installed')
    path = os.path.join(tap.dir('sound'), 'plant.pcap')
    made('--seed', '5', '-o', path, '--without', BROKEN, *SHORT)
    checked = [w for layer in ('tcp', 'udp', 'ip') for w in ('-o', layer + '.check_checksum:TRUE')]
    bad = subprocess.run(['tshark', '-r', path, '-Y', WRONG] + checked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return tap.equal(bad[:2000], '', 'frames are sound, checksums and numbers right')


def detection():
    result = os.path.join(tap.dir('detection'), 'result.json')
    done = subprocess.run([sys.executable, os.path.join(ROOT, 'tools', 'measure-detection'), '--seed', '3', '--days', '3', '--learn', '1.5',
                           '--terminals', '30', '--connections', '2500', '--polls', '12000', '--only', SURE, '--json', result, '--false', '3', '--missed'],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ, OTOSCOPE=OTOSCOPE, TRAFFIC_PLANT=PLANT))
    if not tap.ok(done.returncode == 0, 'a plant of three days is made and read', done.stdout):
        return
    r = json.load(open(result))
    missed = sorted(k for k, v in r['kinds'].items() if v['named'] < v['happened'])
    tap.ok(len(r['kinds']) == len(SURE.split(',')) and not missed, 'each attack is told by a detection made for it', '%s\n%s' % (missed, done.stdout))
    tap.ok(r['false_a_day'] <= FALSE_A_DAY, 'no more than %d false alerts a day' % FALSE_A_DAY, done.stdout)
    tap.ok(r['cost']['memory_mb'] < 1024, 'in less than a gigabyte', r['cost'])


for case in (words, determinism, order, every_kind, truth, sound, detection):
    case()
tap.finish()
