#!/usr/bin/env python3
"""The committed fuzz corpora, run once under whatever sanitizers this build has. tools/fuzz/replay measures what they cover."""
import glob
import os

from tap import BUILD, ROOT, Run, Tap

MOST = 65536

t = Tap()
corpora = {'packets': os.path.join(ROOT, 'tools', 'fuzz', 'corpus', 'packets')}
for path in sorted(glob.glob(os.path.join(ROOT, 'analyzers', '*', '')) + glob.glob(os.path.join(ROOT, 'plugins', '*-c', ''))):
    corpora[os.path.basename(os.path.dirname(path))] = os.path.join(path, 'seeds')
for name, folder in corpora.items():
    target = name[:-2] if name.endswith('-c') else name
    files = sorted(glob.glob(os.path.join(folder, '*')))
    size = sum(os.path.getsize(f) for f in files)
    t.ok(0 < size <= MOST, '%s: the corpus has some bytes and at most %d' % (target, MOST), '%s holds %d' % (folder, size))
    program = os.path.join(BUILD, 'fuzz-packets' if target == 'packets' else 'fuzz-analyzer')
    if files:
        env = {'OTO_FUZZ_ANALYZER': target}
        if target != name:
            env['OTO_FUZZ_PLUGIN'] = os.path.join(BUILD, target + '.so')
        r = Run(*files, program=program, env=env, timeout=600)
        t.ok(r.code == 0 and not r.err, '%s: %d inputs' % (target, len(files)), r.said())
t.finish()
