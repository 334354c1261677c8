#!/usr/bin/env python3
"""Counts beside tshark's on real captures: Modbus functions per client, server and unit, DNS questions, ARP pairs. ../shared/oracle holds what
tshark 4.0 saw in each capture of ../shared/pcaps. What remains different and is understood stands in oracle-known.tsv with the reason."""
import collections
import concurrent.futures
import os
import sys

from tap import ROOT, SHARED, Run, Tap, captures

KNOWN = os.path.join(ROOT, 'tools', 'checks', 'oracle-known.tsv')
SCRIPT = r'''
local counts = {}
local function count(...)
    local key = table.concat({ ... }, "\t")
    counts[key] = (counts[key] or 0) + 1
end
on("modbus.message", function(e)
    local from, to = tostring(e.orig_h), tostring(e.resp_h)
    if not e.is_orig then from, to = to, from end
    if e.exception then count("modbus", from, to, e.unit, e:raw("func"), "exc")
    else count("modbus", from, to, e.unit, e:raw("func"), e.pdu_type == "REQ" and "req" or "resp") end
end)
on("arp.*", function(e)
    if e:event_name() == "arp.request" or e:event_name() == "arp.reply" then
        count("arp", e:raw("op"), tostring(e.sender_mac), tostring(e.sender_ip or "0.0.0.0"), tostring(e.target_ip or "0.0.0.0"))
    end
end)
on("dns.query", function(e)
    if e.service == "dns" then count("dns", tostring(e.orig_h), tostring(e.resp_h), (e.query or ""):lower(), e:raw("qtype") or "") end
end)
on("finish", function() for key, n in sorted(counts) do print(n .. "\t" .. key) end end)
'''


def read_oracle(path):
    """The sections that are compared, as the script prints them."""
    found = collections.Counter()
    for line in open(path, errors='replace'):
        cells = line.rstrip('\n').split('\t')
        if cells[0] not in ('modbus', 'arp', 'dns'):
            continue
        f = dict(c.partition('=')[::2] for c in cells[2:])
        if cells[0] == 'modbus':
            key = ('modbus', f.get('src', ''), f.get('dst', ''), f.get('unit', ''), f.get('func', ''), f.get('kind', ''))
        elif cells[0] == 'arp':
            key = ('arp', f.get('op', ''), f.get('smac', ''), f.get('sip', ''), f.get('dip', ''))
        elif f.get('resp') == '0':
            key = ('dns', f.get('src', ''), f.get('dst', ''), f.get('qname', '').lower(), f.get('qtype', ''))
        else:
            continue
        found[key] += int(cells[1])
    return found


def compare(path):
    oracle = os.path.join(SHARED, 'oracle', os.path.relpath(path, os.path.join(SHARED, 'pcaps')) + '.tsv')
    if not os.path.exists(oracle):
        return path, None, ''
    expected = read_oracle(oracle)
    if not expected:
        return path, None, ''
    r = Run('-q', '-r', path, '--keep-duplicates', '-e', SCRIPT, timeout=600)
    if r.code not in (0, 1):
        return path, {('run',): (0, 0)}, r.said()
    found = collections.Counter()
    for line in r.out.split('\n'):
        cells = line.split('\t')
        if cells[0].isdigit():
            found[tuple(cells[1:])] += int(cells[0])
    differ = {k: (found[k], expected[k]) for k in set(found) | set(expected) if found[k] != expected[k] and (k[0] in {e[0] for e in expected})}
    return path, differ, ''


def read_known():
    known = {}
    if os.path.exists(KNOWN):
        for line in open(KNOWN):
            cells = line.rstrip('\n').split('\t')
            if not line.startswith('#') and len(cells) >= 4:
                known[cells[0], cells[1]] = int(cells[2])
    return known


def main():
    t = Tap()
    base = os.path.join(SHARED, 'pcaps')
    if not os.path.isdir(base) or not os.path.isdir(os.path.join(SHARED, 'oracle')):
        t.skip('counts beside tshark', 'there are no ../shared/pcaps and ../shared/oracle')
        t.finish()
    known = read_known()
    wanted = [a for a in sys.argv[1:] if not a.startswith('-')]
    paths = [p for p in captures(base) if not wanted or any(w in p for w in wanted)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for path, differ, why in pool.map(compare, paths):
            name = os.path.relpath(path, base)
            if differ is None:
                continue
            by = collections.Counter(k[0] for k in differ)
            if '--list' in sys.argv:
                for section, n in sorted(by.items()):
                    print('%s\t%s\t%d\t' % (name, section, n))
                    for k in sorted(k for k in differ if k[0] == section)[:6]:
                        print('#   %s: %d here, %d tshark' % (' '.join(k[1:]), *differ[k]))
                continue
            new = {s: n for s, n in by.items() if n != known.get((name, s), 0)}
            gone = {s: 0 for (f, s), n in known.items() if f == name and s not in by}
            detail = ['%s: %d here, %d tshark' % (' '.join(k), *differ[k]) for k in sorted(differ) if k[0] in new][:20]
            detail += ['%s: no difference any more; take it out of oracle-known.tsv' % s for s in gone]
            t.ok(not new and not gone, name, why or '\n'.join(detail))
    t.finish()


main()
