"""tap.py - what the end-to-end checks share: one line a case in the Test Anything Protocol, the program under test, scratch folders."""
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CAPTURES = os.path.join(ROOT, 'testdata', 'captures')
SHARED = os.path.join(os.path.dirname(ROOT), 'shared')  # real captures; not part of the project, absent for most
RELEASE = os.path.join(ROOT, 'build', 'otoscope')
OTOSCOPE = os.environ.get('OTOSCOPE', RELEASE)
if os.environ.get('OTOSCOPE_RELEASE'):  # sanitizers make hours of minutes where whole days or all captures are looked at
    OTOSCOPE = RELEASE
    subprocess.run([os.path.join(ROOT, 'tools', 'build')], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
BUILD = os.path.dirname(OTOSCOPE)


class Tap:
    """Prints one line a case as it goes; exit code 1 when one failed."""

    def __init__(self):
        self.n = self.failed = 0
        self.scratch = tempfile.mkdtemp(prefix='otoscope-test-')

    def ok(self, good, name, why=''):
        self.n += 1
        print('%s %d - %s' % ('ok' if good else 'not ok', self.n, name))
        if not good:
            self.failed += 1
            for line in str(why).rstrip().split('\n')[:40]:
                print('#   ' + line)
        sys.stdout.flush()
        return good

    def equal(self, got, expected, name):
        return self.ok(got == expected, name, 'expected %r\n     got %r' % (expected, got))

    def contains(self, text, part, name):
        return self.ok(part in text, name, 'expected to find %r in:\n%s' % (part, text))

    def skip(self, name, why):
        self.n += 1
        print('ok %d - %s # SKIP %s' % (self.n, name, why))

    def dir(self, name):
        path = os.path.join(self.scratch, name)
        os.makedirs(path, exist_ok=True)
        return path

    def write(self, name, data):
        path = os.path.join(self.scratch, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path

    def finish(self):
        print('1..%d' % self.n)
        shutil.rmtree(self.scratch, ignore_errors=True)
        sys.exit(1 if self.failed else 0)


class Run:
    """One run of the program: code, out and err as text."""

    def __init__(self, *args, stdin=b'', timeout=120, env=None, cwd=None, program=None):
        p = subprocess.run([program or OTOSCOPE, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                           env=dict(os.environ, **(env or {})), cwd=cwd)
        self.code = p.returncode
        self.out = p.stdout.decode('utf-8', 'replace')
        self.err = p.stderr.decode('utf-8', 'replace')

    def said(self):
        return 'exit code %d\n%s\n%s' % (self.code, self.err[-4000:], self.out[-1000:])


def captures(folder=CAPTURES):
    """Every capture below a folder, sorted."""
    found = []
    for base, dirs, files in os.walk(folder):
        dirs.sort()
        found += [os.path.join(base, f) for f in files if '.pcap' in f or f.endswith('.cap')]
    return sorted(f for f in found if not f.endswith(('.tsv', '.txt', '.json')))


def tree(folder):
    """All files below a folder, relative."""
    return sorted(os.path.relpath(os.path.join(base, f), folder) for base, _, files in os.walk(folder) for f in files)


def differs(a, b):
    """The first difference between two folders, or ''."""
    fa, fb = tree(a), tree(b)
    if fa != fb:
        return 'files differ: %s' % sorted(set(fa) ^ set(fb))
    for f in fa:
        if not filecmp.cmp(os.path.join(a, f), os.path.join(b, f), shallow=False):
            return first_line(os.path.join(a, f), os.path.join(b, f))
    return ''


def first_line(a, b):
    la, lb = (open(f, errors='replace').read().split('\n') for f in (a, b))
    for n, (x, y) in enumerate(zip(la + [''] * len(lb), lb + [''] * len(la)), 1):
        if x != y:
            return '%s:%d\n- %s\n+ %s' % (os.path.basename(a), n, x[:400], y[:400])
    return '%s differs' % os.path.basename(a)


def rows(path):
    """Rows of a Zeek-style TSV log as dictionaries."""
    fields, out = [], []
    for line in open(path, errors='replace'):
        if line.startswith('#fields'):
            fields = line.rstrip('\n').split('\t')[1:]
        elif not line.startswith('#'):
            out.append(dict(zip(fields, line.rstrip('\n').split('\t'))))
    return out
