#!/usr/bin/env python3
"""Add-ons: dissectors in C, built as somebody outside builds them, and their twins in Lua say the same, byte for byte, on every capture; and
what an author of a plugin may get wrong is told in so many words."""
import glob
import os
import shutil
import subprocess

from tap import BUILD, CAPTURES, ROOT, SHARED, Run, Tap, captures, differs

PAIRS = [  # a C folder, its twin in Lua, its captures in ../shared, what shows that it was seen
    ('thermo-c', 'examples/thermo.lua', None, 'get_temperature'),
]
EVERYTHING = '''
local function all(e)
  local said = {}
  for name, value in sorted(e:copy()) do said[#said + 1] = name .. "=" .. tostring(value) end
  print(table.concat(said, " "))
end
for _, event in ipairs { "%s.*", "ot.*", "asset.fact", "program.transfer", "weird" } do on(event, all) end
'''

t = Tap()

# Outside of the tree, with the header that an installation brings and nothing else.
prefix = os.path.join(t.dir('installed'), 'usr', 'local')
installed = subprocess.run(['meson', 'install', '-C', BUILD, '--no-rebuild', '--tags', 'devel', '--destdir', t.dir('installed')],
                           capture_output=True, text=True)
t.ok(os.path.isfile(os.path.join(prefix, 'include', 'otoscope', 'oto_plugin.h')), 'the header is installed', installed.stdout + installed.stderr)


def build(folder, flags=''):
    made = subprocess.run(['make', '-C', folder, 'PREFIX=' + prefix, 'CFLAGS=-O2 -Wall -Wextra -Werror ' + flags], capture_output=True, text=True)
    return made.stderr if made.returncode else ''


def copied(folder, name=None):
    there = os.path.join(t.scratch, name or folder)
    shutil.copytree(os.path.join(ROOT, 'plugins', folder), there)
    return there


def twins(folder, lua, real, sign):
    name = folder[:-2]
    outside = copied(folder)
    script = t.write(name + '-everything.lua', EVERYTHING % name)
    C = os.path.join(outside, name + '.so')
    why = build(outside)
    t.ok(not why, '%s.c builds against the installed header alone' % name, why)
    found = captures(CAPTURES)
    if real and os.path.isdir(SHARED):
        found += sorted(glob.glob(os.path.join(SHARED, 'pcaps', real, '*')))
    elif real:
        t.skip('real captures of %s' % name, 'no ../shared')
    seen = 0
    for path in found:
        shown = os.path.relpath(path, CAPTURES if path.startswith(CAPTURES) else SHARED)
        runs = []
        for kind, plugin in (('c', C), ('lua', os.path.join(ROOT, 'plugins', lua))):
            out = t.dir('%s-%s-%s' % (name, shown.replace('/', '+'), kind))
            runs.append((out, Run('-q', '-r', path, '-l', out, '--analyzers', 'none', '--no-log', 'stats', '--plugin', plugin, script)))
        (dir_c, c), (dir_lua, in_lua) = runs
        bad = next((r.said() for r in (c, in_lua) if r.code not in (0, 1)), '')
        seen += sign in c.out
        t.ok(not bad and not differs(dir_c, dir_lua) and c.out == in_lua.out, '%s: %s in C and in Lua' % (name, shown),
             bad or differs(dir_c, dir_lua) or 'events differ')
    t.ok(seen > (1 if real else 0), '%s was seen in %d captures' % (name, seen))


for pair in PAIRS:
    twins(*pair)

# What an author gets wrong. Each: what of thermo.c becomes what; what is said; the run goes on or does not start.
MISTAKES = [
    ('.self_size = sizeof thermo,', '', 'needs .self_size', False),
    ('.name = "thermo",', '.name = "modbus",', 'analyzer modbus is registered twice; --analyzers can leave one out', False),
    ('"udp/7171 tcp/7171"', '"udp/7171 udp/7171"', 'analyzer thermo: key udp/7171 is declared twice', False),
    ('"udp/7171 tcp/7171"', '"udp/71710"', 'key udp/71710: the number is above 65535', False),
    ('"udp/7171 tcp/7171"', '"eth/0x0806"', 'key eth/0x0806 belongs to arp, which takes all of it', False),
    ('.columns = "code response error degrees"', '.columns = "code respnse"', 'log thermo: there is no field respnse (did you mean response,', False),
    ('"orig_h resp_h code response error"', '"orig_h resp"', 'log thermo: there is no field resp', False),
    ('{ SWITCH, "switch", OTO_OP_MODE, NULL }', '{ SET_TARGET, "switch", OTO_OP_MODE, NULL }', 'value 2 of its table is both set_target and switch',
     False),
    ('{ SWITCH, "switch", OTO_OP_MODE, NULL }', '{ SWITCH, "switch", 99, NULL }', 'switch of its table has the operation 99', False),
    ('OTO_FIELD(struct message, degrees, "temperature",', 'OTO_FIELD(struct message, degrees, "temperature", .names = &errors,',
     'field degrees has a value table and is not a whole number', False),
    ('OTO_FIELD(struct message, response,', 'OTO_FIELD(struct message, response, "", .kind = 77), OTO_FIELD(struct message, has_error,',
     'field response: 77 is no type of enum oto_kind', False),
    ('.self_size = sizeof pairing,', '', 'its pairing needs .self_size', False),
    ('.pairing = &pairing,', '.shared_size = sizeof pairing,', 'it calls oto_request() and declares no pairing, so nothing is paired', True),
    ('oto_emit(cx, MESSAGE, m);', 'oto_emit(cx, MESSAGE + 3, m);', 'it speaks event number 3; .events has 1, counted from 0', True),
    ('.self_size = sizeof(struct oto_operation),', '', 'an operation needs .self_size', True),
    ('.self_size = sizeof(struct oto_fact), .key = "model",', '.key = "model",', 'a fact needs .self_size', True),
]
THERMO = os.path.join(CAPTURES, 'thermo.pcap')
source = open(os.path.join(ROOT, 'plugins', 'thermo-c', 'thermo.c')).read()
for n, (old, new, told, runs) in enumerate(MISTAKES):
    folder = copied('thermo-c', 'mistake-%d' % n)
    assert old in source, old
    with open(os.path.join(folder, 'thermo.c'), 'w') as f:
        f.write(source.replace(old, new))
    why = build(folder, '-Wno-unused -Wno-override-init')
    r = Run('-q', '-r', THERMO, '-l', t.dir('logs-%d' % n), '--plugin', os.path.join(folder, 'thermo.so'))
    good = not why and told in r.err and r.err.count(told) == 1 and r.code == 2 and 'internal check' not in r.err
    wrote = os.path.exists(os.path.join(t.scratch, 'logs-%d' % n, 'conn.log'))
    t.ok(good and wrote == runs, 'a mistake is told: ' + told, why or r.said())
t.finish()
