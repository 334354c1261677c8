#!/usr/bin/env python3
"""melsec_leave_one_out.py - take the packets of one function out of a capture, and exactly that function's rows are gone: for every function that
the analyzers of CC-Link and MELSEC find in their captures, NTT's included where they are present.
"""
import collections
import os
import struct
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import CAPTURES, SHARED, Run, Tap, rows  # noqa: E402

# Capture, the log, the columns that are a function. Only captures where a message is a packet: taking bytes out of a stream is loss.
CASES = [
    ('cclink.pcap', 'cclink-ie', ('service', 'pdu_type', 'cmd')),
    ('cclink.pcap', 'cclink-ie-tsn', ('pdu_type',)),
    ('cclink.pcap', 'cclink-ie-tsn-ptp', ('pdu_type',)),
    ('cclink.pcap', 'cclink-ie-tsn-slmp', ('cmd',)),
    ('cclink.pcap', 'cclink-ief-basic', ('pdu', 'cmd')),
    ('cclink-ief-basic/nttcom+zeek-parser-CCLinkFieldBasic__cclink_ief_basic_only.pcap', 'cclink-ief-basic', ('pdu', 'cmd')),
    ('cclink-ie-field-control/nttcom+zeek-parser-CCLinkField-CCLinkControl__cc_link_ief.pcap', 'cclink-ie', ('service', 'pdu_type', 'cmd')),
    ('cclink-ie-field-control/nttcom+zeek-parser-CCLinkIENoIP__test2.pcapng', 'cclink-ie-tsn', ('pdu_type',)),
    ('cclink-ie-tsn-ptp/nttcom+zeek-parser-CCLinkTSNPTP__test.pcapng', 'cclink-ie-tsn-ptp', ('pdu_type',)),
    ('cclink-ie-tsn-slmp/nttcom+zeek-parser-CCLinkTSNSLMP__test.pcap', 'cclink-ie-tsn-slmp', ('cmd',)),
]
EVENTS = {'cclink-ie': 'cclink_ie.frame', 'cclink-ie-tsn': 'cclink_ie.tsn', 'cclink-ie-tsn-ptp': 'cclink_tsn_ptp.message',
          'cclink-ie-tsn-slmp': 'cclink_tsn_slmp.message'}
SCRIPT = '''on("%s", function(e) local out = { tostring(e.packet) }
for _, name in ipairs { %s } do local v = e[name]; out[#out + 1] = v == nil and "-" or tostring(v) end
print(table.concat(out, "\\t")) end)'''


def packets_of(t, capture, log, columns):
    """Numbers of the packets of each function."""
    events = ['cclink_ief_basic.request', 'cclink_ief_basic.response'] if log == 'cclink-ief-basic' else [EVENTS[log]]
    found = collections.defaultdict(set)
    for event in events:
        r = Run('-q', '--keep-duplicates', '-r', capture, '-e', SCRIPT % (event, ', '.join('"%s"' % c for c in columns)))
        t.ok(r.code == 0, '%s: runs' % os.path.basename(capture), r.said())
        for line in r.out.splitlines():
            cells = line.split('\t')
            found[tuple(cells[1:])].add(int(cells[0]))
    return found


def classic(t, capture):
    """The capture as pcap: its header, its records."""
    path = os.path.join(t.dir('classic'), 'all.pcap')
    if capture.endswith('.pcapng'):
        subprocess.run(['tcpdump', '-r', capture, '-w', path], check=True, stderr=subprocess.DEVNULL)
    data = open(path if capture.endswith('.pcapng') else capture, 'rb').read()
    order = '<' if data[:4] in (b'\xd4\xc3\xb2\xa1', b'\x4d\x3c\xb2\xa1') else '>'
    records, at = [], 24
    while at + 16 <= len(data):
        length = struct.unpack(order + 'I', data[at + 8:at + 12])[0]
        records.append(data[at:at + 16 + length])
        at += 16 + length
    return data[:24], records


def counted(t, capture, log, columns):
    out = t.dir('logs')
    for old in os.listdir(out):
        os.unlink(os.path.join(out, old))
    r = Run('-q', '--keep-duplicates', '-r', capture, '-l', out, '--log', log, '--interval', '1d')
    assert r.code == 0, r.said()
    counts = collections.Counter()
    path = os.path.join(out, log + '.log')
    for row in rows(path) if os.path.exists(path) else []:
        counts[tuple(row[c] for c in columns)] += int(row['number'])
    return counts


def without(t, header, records, gone):
    path = os.path.join(t.dir('classic'), 'less.pcap')
    with open(path, 'wb') as f:
        f.write(header)
        f.writelines(r for n, r in enumerate(records, 1) if n not in gone)
    return path


def check(t, capture, log, columns):
    header, records = classic(t, capture)
    whole = counted(t, without(t, header, records, ()), log, columns)
    functions = packets_of(t, capture, log, columns)
    t.equal(sorted(len(n) for n in functions.values()), sorted(whole.values()), '%s: %s counts the messages of %d functions' % (
        os.path.basename(capture), log, len(functions)))
    wrong = {}
    for function, numbers in functions.items():
        left = counted(t, without(t, header, records, numbers), log, columns)
        gone = whole - left
        if len(gone) != 1 or sum(gone.values()) != len(numbers) or left - whole or set(gone) & set(left):
            wrong[function] = dict(gone)
    t.equal(wrong, {}, '%s: %s without one function lacks this function and nothing else' % (os.path.basename(capture), log))


def main():
    t = Tap()
    for capture, log, columns in CASES:
        path = os.path.join(SHARED, 'pcaps', capture) if '/' in capture else os.path.join(CAPTURES, capture)
        if os.path.exists(path):
            check(t, path, log, columns)
        else:
            t.skip(os.path.basename(capture), '../shared/pcaps is absent')
    t.finish()


main()
