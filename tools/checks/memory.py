#!/usr/bin/env python3
"""memory.py - memory stays flat over ten times the corpus: every real capture behind the other (ours where those are absent), then ten times over
with other hosts each time, so that every connection is new. The peak of the release build may grow by a quarter and 4 MB, not with the traffic."""
import importlib.machinery
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import CAPTURES, ROOT, Tap  # noqa: E402

BUILD = os.path.join(ROOT, 'build')
TIMES, SLACK_KB = 10, 4096
PROFILES = ('otoscope', 'sensor', 'zeek')


def bench():
    """tools/bench, which knows how to make one capture of all."""
    loader = importlib.machinery.SourceFileLoader('bench', os.path.join(ROOT, 'tools', 'bench'))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('bench', loader))
    loader.exec_module(module)
    return module


def peak(command):
    """Exit code and kilobytes at most, looked at every few milliseconds: what rusage tells has this interpreter's own in it."""
    most = 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        while child.poll() is None:
            with open('/proc/%d/status' % child.pid, encoding='ascii') as status:
                most = max([most] + [int(line.split()[1]) for line in status if line.startswith('VmHWM:')])
            time.sleep(0.005)
    return child.returncode, most


def main():
    t = Tap()
    built = subprocess.run([os.path.join(ROOT, 'tools', 'build')], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    built = built if built.returncode else subprocess.run(['ninja', '-C', BUILD, 'bench-loop'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if not t.ok(built.returncode == 0, 'memory: the release builds', built.stdout.decode()):
        t.finish()
    with tempfile.TemporaryDirectory() as work:
        once = bench().everything(work) or os.path.join(CAPTURES, 'demo.pcap')
        many = os.path.join(work, 'many.pcap')
        if shutil.disk_usage(work).free < 3 * TIMES * os.path.getsize(once):
            t.skip('memory: flat', 'the disk has no room for ten times the corpus')
            t.finish()
        subprocess.run([os.path.join(BUILD, 'bench-loop'), once, str(TIMES), many], check=True)
        for profile in PROFILES:
            sizes = {}
            for path in (once, many):
                logs = os.path.join(work, 'logs')
                code, sizes[path] = peak([os.path.join(BUILD, 'otoscope'), '-q', '-r', path, '-l', logs, '--profile', profile])
                shutil.rmtree(logs, ignore_errors=True)
                t.ok(code == 0, 'memory: %s, %s' % (profile, 'once' if path == once else 'ten times'), 'exit code %d' % code)
            t.ok(sizes[many] <= sizes[once] * 1.25 + SLACK_KB, 'memory: profile %s: %d KB, then %d KB over ten times the corpus'
                 % (profile, sizes[once], sizes[many]))
    t.finish()


main()
