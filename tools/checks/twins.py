#!/usr/bin/env python3
"""The same dissector twice: plugins/fins.lua, and plugins/fins-c built outside the tree against nothing but the installed header. Logs,
events and what they make scripts do are the same bytes on every capture."""
import os
import shutil
import subprocess

from tap import BUILD, ROOT, SHARED, Run, Tap, captures, differs

t = Tap()
LUA = os.path.join(ROOT, 'plugins', 'fins.lua')
prefix, outside = t.dir('installed'), os.path.join(t.scratch, 'fins-c')
shutil.copytree(os.path.join(ROOT, 'plugins', 'fins-c'), outside)
header = os.path.join(prefix, 'include', 'otoscope')
os.makedirs(header)
shutil.copy(os.path.join(ROOT, 'core', 'oto_plugin.h'), header)
made = subprocess.run(['make', '-C', outside, 'PREFIX=' + prefix], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
C = os.path.join(outside, 'fins.so')
if t.ok(made.returncode == 0 and os.path.exists(C), 'the C plugin builds outside the tree', made.stdout.decode()):
    every = '''on("*", function(e)
        if e:event_name() == "stats" then return end -- counts calls of Lua, of which only one twin has any
        local line = { e:event_name() }
        for _, name in ipairs(e:fields()) do if name ~= "op_id" then line[#line + 1] = name .. "=" .. tostring(e[name]) end end
        print(table.concat(line, " "))
    end)'''
    for path in captures() + captures(os.path.join(SHARED, 'pcaps', 'omron-fins')):
        name = os.path.basename(path)
        for profile in ('otoscope', 'zeek'):
            dirs = [t.dir('%s-%s-%s' % (name, profile, kind)) for kind in ('lua', 'c')]
            runs = [Run('-q', '-r', path, '-l', d, '--profile', profile, '--no-log', 'stats', '--plugin', plugin, '-e', every)
                    for d, plugin in zip(dirs, (LUA, C))]
            why = differs(*dirs)
            if runs[0].out != runs[1].out:
                pairs = zip(runs[0].out.split('\n'), runs[1].out.split('\n'))
                why += '\n'.join(next((['Lua ' + a, 'C   ' + b] for a, b in pairs if a != b), ['one has more events']))
            t.ok(not why and runs[0].code == runs[1].code, '%s, %s' % (name, profile), why or runs[1].said())
t.finish()
