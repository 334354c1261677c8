#!/usr/bin/env python3
"""The front door: tools/demo succeeds, fits the screen, is plain without a terminal, and prints the same the second time."""
import os
import subprocess

from tap import ROOT, Tap

t = Tap()


def demo():
    p = subprocess.run([os.path.join(ROOT, 'tools', 'demo')], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd='/')
    return p.returncode, p.stdout.decode(), p.stderr.decode()


code, out, err = demo()
t.ok(code == 0, 'the demo shows what the truth says', err[-3000:] + out[-500:])
lines = out.split('\n')
t.equal([line for line in lines if len(line) > 100], [], 'no line is longer than 100 columns')
t.ok(len(lines) <= 64, 'it fits two screens', '%d lines' % len(lines))
t.ok('\x1b' not in out and '\r' not in out, 'no colour and no bar without a terminal')
for part in ('INVENTORY', 'WHO CHANGES WHAT', 'COVERAGE', 'ALERTS', 'YOUR RULES', 'NEXT'):
    t.contains(out, part, 'it shows ' + part)
command = next((line.strip() for line in lines if line.startswith('  build/otoscope -r')), 'false')
again = subprocess.run(command, shell=True, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
t.ok(again.returncode == 0 and b'stranger' in again.stdout, 'the command it proposes works', again.stderr.decode())
t.equal(demo()[1], out, 'the second run prints the same')
t.finish()
