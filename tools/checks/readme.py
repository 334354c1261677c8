#!/usr/bin/env python3
"""The guides do not lie: their shell blocks are run as they stand, from the top of the tree, and print what the block behind them shows.

A block marked ```lua title="FILE"``` is what FILE holds in the commands after it (a scratch copy of the tree's root sees it); ```sh``` is run
with build/otoscope being the program under test; a ```text``` block directly behind a ```sh``` block is its standard output, "..." standing for
any number of lines. Blocks of other kinds are prose.
"""
import os
import re
import subprocess

from tap import OTOSCOPE, ROOT, Tap

t = Tap()
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.M | re.S)


def matches(expected, got):
    parts = [re.escape(p) for p in expected.strip('\n').split('...')]
    return re.fullmatch('.*'.join(parts), got.strip('\n'), re.S)


def scratch():
    """A folder in which the tree's paths work and new files do no harm."""
    place = t.dir('tree')
    for name in os.listdir(ROOT):
        if name not in ('build', '.git'):
            os.symlink(os.path.join(ROOT, name), os.path.join(place, name))
    os.mkdir(os.path.join(place, 'build'))
    os.symlink(OTOSCOPE, os.path.join(place, 'build', 'otoscope'))
    return place


place = scratch()
for guide in ['README.md', 'plugins/README.md', 'tools/send/README.md']:
    blocks = list(BLOCK.finditer(open(os.path.join(ROOT, guide)).read()))
    for i, block in enumerate(blocks):
        kind, title, code = block.groups()
        line = block.string.count('\n', 0, block.start()) + 1
        where = '%s:%d' % (guide, line)
        if kind == 'lua' and title:
            with open(os.path.join(place, title), 'w') as f:
                f.write(code)
        if kind != 'sh' or 'tools/demo' in code or 'tools/test' in code:
            continue
        p = subprocess.run(['sh', '-e', '-c', code], cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
        out, err = p.stdout.decode(), p.stderr.decode()
        t.ok(p.returncode == 0, '%s runs' % where, err[-2000:])
        behind = blocks[i + 1] if i + 1 < len(blocks) else None
        if behind and behind.group(1) == 'text' and not block.string[block.end():behind.start()].strip():
            t.ok(matches(behind.group(3), out), '%s prints what the README shows' % where, 'shown:\n%s\nprinted:\n%s' % (behind.group(3), out))
t.finish()
