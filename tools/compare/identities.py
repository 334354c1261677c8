#!/usr/bin/env python3
"""Identities of devices: what tshark reads in captures, and what the inventory says.

    tools/compare/identities.py --write [CAPTURE...]   make testdata/identities.tsv anew from tshark's reading
    tools/compare/identities.py --check                every row of it is a fact of the inventory, of the right device

A row is capture, address, sub ("" where tshark does not tell what is behind the address), key, value. Read are S7 module identification
(SZL 0011 and 001C), the CIP identity object and EtherNet/IP's list of identities, and Modbus device identification.
"""
import glob
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'checks'))
from tap import OTOSCOPE, ROOT, SHARED, Tap  # noqa: E402

TABLE = os.path.join(ROOT, 'testdata', 'identities.tsv')
PCAPS = os.path.join(SHARED, 'pcaps')
FOLDERS = ['s7comm', 's7comm-plus', 'enip-cip', 'modbus', 'mixed-ot', 'mixed-it', 'scan-attack']
S7 = {'s7comm.szl.001c.0001.name': 'station_name', 's7comm.szl.001c.0002.name': 'module_name', 's7comm.szl.001c.0003.tag': 'plant',
      's7comm.szl.001c.0005.serialn': 'serial', 's7comm.szl.001c.0007.cputypname': 'model'}
MODBUS = {0: 'vendor', 1: 'model', 2: 'firmware', 4: 'product', 5: 'model_name', 6: 'application'}
FIELDS = (['ip.src', 'frame.protocols', 's7comm.szl.xy11.0001.index', 's7comm.szl.xy11.0001.anz', 'enip.lir.name', 'enip.lir.serial',
           'enip.lir.revision', 'cip.id.product_name', 'cip.id.serial_number', 'cip.id.major_rev', 'cip.id.minor_rev', 'mbtcp.unit_id',
           'modbus.object_id', 'modbus.object_str_value'] + list(S7))
FILTER = 's7comm.szl.001c.000x.index || s7comm.szl.xy11.0001.index || enip.lir.name || cip.id.product_name || modbus.object_str_value'


def tshark(path):
    """One dictionary of lists a packet that tells an identity."""
    known = subprocess.run(['tshark', '-G', 'fields'], capture_output=True, text=True, timeout=60).stdout if not tshark.fields else ''
    tshark.fields = tshark.fields or {f for line in known.split('\n') for f in line.split('\t')[2:3]}
    fields = [f for f in FIELDS if f in tshark.fields]
    command = ['tshark', '-n', '-r', path, '-Y', FILTER, '-T', 'fields', '-E', 'separator=\x1e', '-E', 'occurrence=a', '-E',
        'aggregator=\x1f']
    out = subprocess.run(command + [x for f in fields for x in ('-e', f)], capture_output=True, timeout=300).stdout.decode('utf-8',
        'replace')
    for line in out.split('\n'):
        if line:
            yield dict(zip(fields, (v.split('\x1f') if v else [] for v in line.split('\x1e'))))


tshark.fields = None


def number(text):
    return int(text, 16 if text.lower().startswith('0x') else 10)


def s7(p):
    for index, order in zip(p.get('s7comm.szl.xy11.0001.index', []), p.get('s7comm.szl.xy11.0001.anz', [])):
        if number(index) == 1:
            yield '', 'order_number', order
    for field, key in S7.items():
        for value in p.get(field, []):
            yield '', key, value


def cip(p):
    for names, serials in (('enip.lir.name', 'enip.lir.serial'), ('cip.id.product_name', 'cip.id.serial_number')):
        for value in p.get(names, []):
            yield '', 'model', value
        if p.get(names):
            for value in p.get(serials, []):
                yield '', 'serial', '0x%08x' % number(value)
    for value in p.get('enip.lir.revision', []):
        yield '', 'firmware', '%d.%d' % (number(value) >> 8, number(value) & 255)
    if p.get('cip.id.product_name'):
        for major, minor in zip(p['cip.id.major_rev'], p['cip.id.minor_rev']):
            yield '', 'firmware', '%d.%d' % (number(major), number(minor))


def modbus(p):
    units = set(p.get('mbtcp.unit_id', []))
    for object_id, value in zip(p.get('modbus.object_id', []), p.get('modbus.object_str_value', [])):
        if number(object_id) in MODBUS and len(units) == 1:
            unit = number(next(iter(units)))
            # 0 and 255 are the device itself, not a station behind it
            yield 'unit %d' % unit if 0 < unit < 255 else '', MODBUS[number(object_id)], value


def truth(path):
    rows = set()
    for p in tshark(path):
        # what an error message quotes has two addresses
        if len(p['ip.src']) != 1 or 'icmp' in p['frame.protocols'][0]:
            continue
        for tell in (s7, cip, modbus):
            rows.update((p['ip.src'][0], sub, key, value.strip(' \0')) for sub, key, value in tell(p))
    return sorted(r for r in rows if r[3] and '\n' not in r[3] and '\t' not in r[3])


def write(paths):
    with open(TABLE, 'w') as f:
        f.write('# What devices say of themselves, as tshark reads it: tools/compare/identities.py --write\n')
        f.write('# capture\taddress\tsub\tkey\tvalue\n')
        for path in paths:
            for row in truth(path):
                f.write('\t'.join((os.path.relpath(path, PCAPS if path.startswith(PCAPS) else ROOT),) + row) + '\n')


def table():
    by_capture = {}
    for line in open(TABLE):
        if not line.startswith('#'):
            capture, *row = line.rstrip('\n').split('\t')
            by_capture.setdefault(capture, []).append(tuple(row))
    return by_capture


def facts(path):
    out = subprocess.run([OTOSCOPE, 'inventory', 'facts', '--json', '-q', '-r', path], capture_output=True, timeout=120).stdout
    rows = [json.loads(line) for line in out.decode('utf-8', 'replace').splitlines() if line.startswith('{')]
    return {(r.get('ip', r.get('mac')), r.get('sub', ''), r['key'], r['value'].strip()) for r in rows}


def missing(path, rows):
    said = facts(path)
    loose = {(address, key, value) for address, _, key, value in said}
    return [r for r in rows if not (r in said if r[1] else (r[0], r[2], r[3]) in loose)]


def check():
    t = Tap()
    for capture, rows in sorted(table().items()):
        path = os.path.join(ROOT if capture.startswith('testdata/') else PCAPS, capture)
        if not os.path.exists(path):
            t.skip(capture, 'the capture is not here')
            continue
        left = missing(path, rows)
        t.ok(not left, '%s: %d values of %d devices' % (capture, len(rows), len({r[0] for r in rows})), '\n'.join(map(repr, left)))
    t.finish()


def main():
    if sys.argv[1:2] == ['--write']:
        found = sys.argv[2:] or sorted(glob.glob(os.path.join(ROOT, 'testdata', 'captures', '*.pcap*')) + [
            f for folder in FOLDERS for f in glob.glob(os.path.join(PCAPS, folder, '*'))])
        write([f for f in found if os.path.isfile(f)])
    else:
        check()


main()
