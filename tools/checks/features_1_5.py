#!/usr/bin/env python3
"""Features, section 1.5: settings, limits, operation, as far as they are the inventory's: every row a function, asked of captures of ours
always and of the public capture that the row names where it is."""
import os
import shutil
import subprocess

from asking import Asked, by, made, of_capture, real
from tap import ROOT, Run, Tap

t = Tap()
PLANT = real('__mb2.pcap')
VIEWS = ('terminals', 'map', 'map nodes', 'services', 'traffic', 'traffic day', 'ot ip', 'ot ethernet', 'functions', 'ranking', 'ranking services',
    'ranking vendors', 'matrix vendor', 'matrix os', 'matrix role', 'groups', 'history', 'process', 'programs')


OUTSIDE = '''
local w = ...
w:duration "5s"
local router = w:host { name = "router", role = "router", ip = "10.40.0.1", vendor = "yamaha", os = "linux" }
local pc = w:host { name = "pc", role = "workstation", ip = "10.40.0.20", vendor = "dell", os = "windows" }
for i = 5, 6 do
  local far = w:host { name = "far" .. i, role = "server", ip = "203.0.113." .. i, vendor = "dell", os = "linux", beyond = router }
  w:at(1, function()
    require "arp".resolve(w, pc, far)
    w:udp(pc, 5000 + i, far, 6000, "ask")
    w:sleep(0.1)
    w:udp(far, 6000, pc, 5000 + i, "answer")
  end)
end
'''


def internet():
    row = '1.5 1-1 settings: internet addresses '
    recipe = t.write('outside.lua', OUTSIDE)
    capture = os.path.join(t.scratch, 'outside.pcap')
    subprocess.run([os.path.join(ROOT, 'tools', 'traffic', 'maker'), recipe, '-o', capture], check=True)
    found = {}
    for how in ('collapse', 'show', 'hide'):
        asked = of_capture(t, capture, 'internet-' + how, ('inventory', 'setting', 'internet', how))
        lines = asked.rows('view', 'map', '--layer', 'ip')
        found[how] = {x[end] for x in lines for end in ('from', 'to') if x[end] == 'internet' or x[end].startswith('203.0.113.')}
    t.equal(found['collapse'], {'internet'}, row + 'are one node')
    t.equal(found['show'], {'203.0.113.5', '203.0.113.6'}, row + 'are shown, each')
    t.equal(found['hide'], set(), row + 'are hidden')


def forgotten():
    row = '1.5 1-1 settings: a deleted period is in no view'
    asked = of_capture(t, made('demo'), 'forgotten')
    before = {v: len(asked.rows('view', *v.split())) for v in VIEWS}
    asked.ask('inventory', 'forget', '2024-05-13')
    after = {v: len(asked.rows('view', *v.split())) for v in VIEWS}
    t.ok(all(before[v] for v in VIEWS if v not in ('ot ethernet', 'programs')), row + ': there was something in each', before)
    t.equal({v: n for v, n in after.items() if n}, {}, row)
    t.equal((asked.rows('inventory', 'full'), asked.rows('inventory', 'facts')), ([], []), row + ', nor in the inventory')


def limited(name, path, stations):
    row = '1.5 1-2 limit of terminals'
    asked = of_capture(t, path, 'limited-' + name, ('inventory', 'setting', 'terminal_limit', '10'))
    shown = [r for r in asked.rows('inventory', 'full') if r['id'] != 'internet' and 'sub' not in r]
    t.equal(len(shown), 10, '%s: taking up stops at 10 of %d (%s)' % (row, stations, name))
    t.contains(asked.ask('view', 'messages').out, 'The limit of 10 terminals is reached', '%s: a message says so (%s)' % (row, name))
    t.contains(asked.ask('inventory').err + asked.ask('inventory').out, 'limit of 10', '%s: and the list does (%s)' % (row, name))


def sensors():
    row = '1.5 1-3 sensors'
    state = t.dir('sensors')
    for name, capture in (('A', 'demo'), ('B', 'melsec')):
        Asked(t).ask('-q', '-r', made(capture), '--state', state, '--sensor', name)
    told = {s: by('topic', Asked(t, '--state', state, '--sensor', s).rows('view', 'sensor')) for s in 'AB'}
    for s in 'AB':
        t.ok('last packet' in told[s] and told[s]['last packet'].get('at'), '%s: %s has its last packet' % (row, s), told[s])
        t.ok(told[s]['volume this month']['value'] > 10000, '%s: %s has its volume of the month' % (row, s), told[s])
    t.ok(told['A']['last packet']['at'] != told['B']['last packet']['at'], row + ': each its own', told)
    lists = [{r.get('ip') for r in Asked(t, '--state', state, '--sensor', s).rows('inventory')} for s in 'AB']
    t.ok(lists[0] and lists[1] and not lists[0] & lists[1], row + ': and its own terminals', lists)
    t.contains(Run('inventory', '--state', state, env={'TZ': 'UTC'}).err, '--sensor A', row + ': who asks of neither is told of both')


def service_names():
    row = '1.5 1-5 service names'
    demo = of_capture(t, made('demo'), 'names-demo', ('service', 'name', '44777/tcp', 'RECIPES'))
    for screen, key in (('services', 'service'), ('ranking services', 'what'), ('ranking service-terminals', 'what'), ('traffic', 'service')):
        t.ok('RECIPES' in by(key, demo.rows('view', *screen.split())), '%s: in %s' % (row, screen))
    t.ok(any('RECIPES' in r['services'] for r in demo.rows('view', 'map')), row + ': on the map')
    t.contains(demo.ask('asset', '192.168.10.14').out, 'RECIPES', row + ': on the page of a terminal')


def backup():
    row = '1.5 backup'
    asked = of_capture(t, made('demo'), 'backup')
    asked.ask('inventory', 'set', '192.168.10.11', 'place', 'Hall 2')
    copy = t.dir('restored') + '/state'
    shutil.copytree(asked.state[1], copy)
    t.equal(Asked(t, '--state', copy).rows('inventory', 'full'), asked.rows('inventory', 'full'), row + ': a copy of the folder gives the same list')


internet()
forgotten()
limited('star', made('star'), 23)
if PLANT:
    limited('PLANT', PLANT, 52)
else:
    t.skip('1.5 1-2 limit of terminals (PLANT)', 'the public captures are not here')
sensors()
service_names()
backup()
t.finish()
