"""asking.py - what the checks of the inventory share: questions to the program, captures by name, what tshark reads in them."""
import glob
import json
import os
import shutil
import subprocess

from tap import CAPTURES, SHARED, Run

UTC = {'TZ': 'UTC'}


def made(name):
    """A capture of ours."""
    return glob.glob(os.path.join(CAPTURES, name + '.pcap*'))[0]


def real(*names):
    """The first public capture whose name ends so below ../shared, or None."""
    for name in names:
        for path in sorted(glob.glob(os.path.join(SHARED, 'pcaps', '*', '*' + name))):
            return path
    return None


def tshark(path, *args):
    if not shutil.which('tshark'):
        return None
    return subprocess.run(['tshark', '-n', '-r', path, *args], capture_output=True, text=True, timeout=120).stdout


def by(key, some):
    return {r.get(key): r for r in some}


class Asked:
    """Questions to the program; an error of it, or one of a script, is a failed case of T."""

    def __init__(self, t, *state):
        self.t, self.state = t, list(state)

    def ask(self, *args, code=0, env=None):
        r = Run(*args, *self.state, env=env or UTC)
        if code is not None and r.code != code or 'script error' in r.err or 'Sanitizer' in r.err:
            self.t.ok(False, 'asked: ' + ' '.join(os.path.basename(a) for a in args), r.said())
        return r

    def rows(self, *args):
        return [json.loads(line) for line in self.ask(*args, '--json').out.splitlines()]


def of_capture(t, path, name, *before):
    """A state folder that is filled from a capture once, and then asked. BEFORE: settings, as argument lists."""
    state = t.dir(name)
    for args in before:
        Asked(t, '--state', state).ask(*args)
    Asked(t).ask('-q', '-r', path, '--state', state)
    return Asked(t, '--state', state)
