#!/usr/bin/env python3
"""Add-ons: FINS in C, built as somebody outside builds it, and FINS in Lua say the same, byte for byte, on every capture."""
import glob
import os
import shutil
import subprocess

from tap import CAPTURES, ROOT, SHARED, Run, Tap, captures, differs

LUA = os.path.join(ROOT, 'plugins', 'fins.lua')
EVERYTHING = '''
local function all(e)
  local said = {}
  for name, value in sorted(e:copy()) do said[#said + 1] = name .. "=" .. tostring(value) end
  print(table.concat(said, " "))
end
for _, event in ipairs { "fins.*", "ot.*", "asset.fact", "program.transfer", "weird" } do on(event, all) end
'''

t = Tap()

# Outside of the tree, with the installed header and nothing else.
prefix = t.dir('prefix')
outside = os.path.join(t.scratch, 'fins-c')
os.makedirs(os.path.join(prefix, 'include', 'otoscope'))
shutil.copy(os.path.join(ROOT, 'core', 'oto_plugin.h'), os.path.join(prefix, 'include', 'otoscope'))
shutil.copytree(os.path.join(ROOT, 'plugins', 'fins-c'), outside)
made = subprocess.run(['make', '-C', outside, 'PREFIX=' + prefix, 'CFLAGS=-O2 -Wall -Wextra -Werror'], capture_output=True, text=True)
C = os.path.join(outside, 'fins.so')
t.ok(made.returncode == 0, 'fins.c builds against the installed header alone', made.stderr)
script = t.write('everything.lua', EVERYTHING)

found = captures(CAPTURES)
if os.path.isdir(SHARED):
    found += sorted(glob.glob(os.path.join(SHARED, 'pcaps', 'omron-fins', '*')))
else:
    t.skip('real captures of FINS', 'no ../shared')
seen = 0
for path in found:
    name = os.path.relpath(path, CAPTURES if path.startswith(CAPTURES) else SHARED)
    runs = []
    for kind, plugin in (('c', C), ('lua', LUA)):
        out = t.dir('%s-%s' % (name.replace('/', '+'), kind))
        runs.append((out, Run('-q', '-r', path, '-l', out, '--analyzers', 'none', '--no-log', 'stats', '--plugin', plugin, script)))
    (dir_c, c), (dir_lua, lua) = runs
    bad = next((r.said() for r in (c, lua) if r.code not in (0, 1)), '')
    seen += 'fins.message' in c.out or 'icf_data_type' in c.out
    t.ok(not bad and not differs(dir_c, dir_lua) and c.out == lua.out, '%s in C and in Lua' % name, bad or differs(dir_c, dir_lua) or 'events differ')
t.ok(seen > 1, 'FINS was seen in %d captures' % seen)
t.finish()
