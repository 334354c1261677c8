#!/usr/bin/env python3
"""cclink.py - the CC-Link IE family on the captures of NTT's parsers: rows as their READMEs print them, frames as many as tshark counted by
their first bytes. Our own capture is compared with what its maker counted.
"""
import collections
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import CAPTURES, SHARED, Run, Tap, rows  # noqa: E402

BASIC = 'cclink-ief-basic/nttcom+zeek-parser-CCLinkFieldBasic__cclink_ief_basic_only.pcap'
FIELD = 'cclink-ie-field-control/nttcom+zeek-parser-CCLinkField-CCLinkControl__cc_link_ief.pcap'
TSN = 'cclink-ie-field-control/nttcom+zeek-parser-CCLinkIENoIP__test2.pcapng'
PTP = 'cclink-ie-tsn-ptp/nttcom+zeek-parser-CCLinkTSNPTP__test.pcapng'
SLMP = 'cclink-ie-tsn-slmp/nttcom+zeek-parser-CCLinkTSNSLMP__test.pcap'
LOGS = 'cclink-ie,cclink-ie-tsn,cclink-ie-tsn-ptp,cclink-ie-tsn-slmp,cclink-ief-basic,weird'

# What NTT's READMEs print, times and uid left out. The one of Field shows these rows of its log and not all.
BASIC_ROWS = ['172.16.134.128 61450 172.16.134.255 61450 cyclicDataReq cyclic 222', '172.16.134.129 61450 172.16.134.128 61450 cyclicDataRes - 222']
FIELD_ROWS = ['offset - - 0 - 0x0000 25', 'timer - - - - 0x0000 23', 'transient1 unknownCt\\x00 - 0 0x13 0x0000 29', 'tokenM - - 0 - 0x0001 18',
              'ipTransient - - 0 0x13 0x0000 21', 'cyclicDataRWr - - 0 - 0x0000 21', 'transientAck - - 0 0x13 0x0000 21',
              'paramCheck - - 0 0x13 0x0000 26', 'setup - - 1 - 0x0001 22']
TSN_ROWS = ['00:0c:29:a8:c1:f0 80:22:a7:83:f9:7e cclink_ie_tsn&field acyclic acyclicTestDataAck master station - - 30',
            '00:0c:29:a8:c1:f0 b4:b5:2f:76:cb:e4 cclink_ie_tsn acyclic acyclicTestData master station - - 30',
            '00:0c:29:a8:c1:f0 00:4e:01:c5:21:8f cclink_ie_tsn acyclic acyclicData - - - 30',
            '28:e9:8e:18:71:58 08:00:27:b9:d0:0b cclink_ie_tsn acyclic acyclicDetection Ver.0 - - - 30',
            '28:e9:8e:18:71:58 28:e9:8e:75:95:a7 cclink_ie_tsn cyclic cyclicM/cyclicMs - - - 30',
            '28:e9:8e:18:71:58 ff:ff:ff:ff:ff:ff cclink_ie_tsn acyclic acyclicPriority - - - 30',
            '28:e9:8e:75:95:a7 28:e9:8e:18:71:58 cclink_ie_tsn acyclic acyclicDetectionAck Ver.1 slave station digital I/O srwcvpdiIR 30',
            '28:e9:8e:75:95:a7 28:e9:8e:18:71:58 cclink_ie_tsn cyclic cyclicS/cyclicSs - - - 30',
            '28:e9:8e:75:95:a7 28:e9:8e:18:71:58 cclink_ie_tsn acyclic acyclicDetectionAck Ver.0 slave station personal computer srwcl 30',
            '00:0c:29:5f:70:ce 08:00:27:b9:d0:0a cclink_ie_tsn acyclic acyclicDetection Ver.0 - - - 30']
PTP_KINDS = ['ptpSync', 'ptpPdelayReq', 'ptpPdelayResp', 'ptpFollowUp', 'ptpPdelayRespFollowUp', 'ptpAnnounce']

# First byte of a frame, as tshark's counts have it, to the word of the log; written apart from the analyzer's table.
HEADS = {0x10: 'persuasion', 0x11: 'testData', 0x12: 'testDataAck', 0x13: 'setup', 0x14: 'setupAck', 0x15: 'tokenM', 0x1c: 'timer',
         0x20: 'myStatus', 0x22: 'transient1', 0x23: 'transientAck', 0x25: 'transient2', 0x26: 'ipTransient', 0x28: 'paramCheck',
         0x29: 'parameter', 0x40: 'measure', 0x41: 'measureAck', 0x42: 'offset', 0x43: 'update', 0x82: 'cyclicDataRWw', 0x83: 'cyclicDataRY',
         0x84: 'cyclicDataRWr', 0x85: 'cyclicDataRX', 0xc0: 'acyclicPriority', 0xc1: 'acyclicDetection', 0xc2: 'acyclicDetectionAck',
         0xc3: 'acyclicData', 0xc4: 'cyclicM', 0xc5: 'cyclicS'}
PTP_HEADS = {0: 'ptpSync', 2: 'ptpPdelayReq', 3: 'ptpPdelayResp', 8: 'ptpFollowUp', 10: 'ptpPdelayRespFollowUp', 11: 'ptpAnnounce'}
COMMANDS = {'0e90/0000': 'ReqNetworkConfigMain', '0e90/0001': 'ReqNetworkConfigTslt', '0e92/0000': 'ReqSlaveConfig',
            '0e93/0000': 'ReqCyclicConfigMain', '0e93/0001': 'ReqCyclicConfigTrnSubPayload', '0e93/0002': 'ReqCyclicConfigRcvSubPayload',
            '0e93/0003': 'ReqCyclicConfigRcvSrcInfo'}


def logs(t, capture, name):
    """The rows of every log of a capture, aggregated in intervals of a minute, as NTT's parsers do."""
    out = t.dir(name)
    r = Run('-q', '-r', capture, '-l', out, '--log', LOGS)
    if not t.ok(r.code == 0, '%s: runs' % name, r.said()):
        return {}
    return {f[:-4]: rows(os.path.join(out, f)) for f in os.listdir(out)}


def text(row, without):
    return ' '.join(v for k, v in row.items() if k not in without)


def word(pdu_type):
    """Without versions and the second name of a cyclic frame; a test frame of TSN has the first byte of Field's."""
    return pdu_type.split(' ')[0].split('/')[0].replace('acyclicTest', 'test')


def total(log, key):
    counts = collections.Counter()
    for row in log:
        counts[key(row)] += int(row['number'])
    return counts


def oracle(capture, section):
    for line in open(os.path.join(SHARED, 'oracle', capture + '.tsv')):
        cells = line.rstrip('\n').split('\t')
        if cells[0] == section:
            yield int(cells[1]), dict(c.split('=', 1) for c in cells[2:])


def heads(capture):
    counts = collections.Counter()
    for n, row in oracle(capture, 'raw.cclink_ie'):
        counts[row['src'], row['dst'], HEADS[int(row['head'][:2], 16)]] += n
    return counts


def ours(found):
    return total(found.get('cclink-ie', []) + found.get('cclink-ie-tsn', []), lambda r: (r['src_mac'], r['dst_mac'], word(r['pdu_type'])))


def basic(t, found):
    log = found['cclink-ief-basic']
    t.equal(sorted(text(r, ('ts', 'uid', 'ts_end')) for r in log), sorted(BASIC_ROWS), 'Field Basic: the two rows of the README')
    t.equal([r['ts'] + ' ' + r['ts_end'] for r in sorted(log, key=lambda r: r['pdu'])],
            ['1655284124.859924 1655284149.392238', '1655284124.953994 1655284149.499713'], 'Field Basic: first and last time of both')
    theirs = collections.Counter()
    for n, row in oracle(BASIC, 'raw.cclink_ief_basic'):
        theirs['cyclicDataReq' if row['sub'] == '5000' else 'cyclicDataRes'] += n
    t.equal(total(log, lambda r: r['pdu']), theirs, 'Field Basic: frames as tshark counts them')


def field(t, found):
    log = found['cclink-ie']
    got = {text(r, ('ts', 'src_mac', 'dst_mac', 'service', 'ts_end')) for r in log}
    t.ok(got >= set(FIELD_ROWS), 'Field: the rows of the README', sorted(set(FIELD_ROWS) - got))
    t.equal(sum(int(r['number']) for r in log), 500, 'Field: 500 frames in all rows')
    t.equal({r['service'] for r in log}, {'cclink_ie_field'}, 'Field: nothing else')
    t.equal(ours(found), heads(FIELD), 'Field: frames as tshark counts them')


def tsn(t, found):
    t.equal(sorted(text(r, ('ts', 'ts_end')) for r in found['cclink-ie-tsn']), sorted(TSN_ROWS), 'TSN: the rows of the README')
    t.equal(ours(found), heads(TSN), 'TSN: frames as tshark counts them')


def ptp(t, found):
    log = found['cclink-ie-tsn-ptp']
    t.equal([r['pdu_type'] + ' ' + r['number'] for r in log], [k + ' 30' for k in PTP_KINDS], 'PTP: six kinds, 30 each')
    t.equal({text(r, ('ts', 'pdu_type', 'number', 'ts_end')) for r in log},
            {'00:0c:29:a8:c1:f0 00:4e:01:c5:21:8f cclink_ie_tsn ptp'}, 'PTP: the other columns')
    theirs = collections.Counter()
    for n, row in oracle(PTP, 'ptp'):
        theirs[PTP_HEADS[int(row['v2_messagetype'], 16)]] += n
    t.equal(total(log, lambda r: r['pdu_type']), theirs, 'PTP: messages as tshark counts them')


def slmp(t, found):
    log = found['cclink-ie-tsn-slmp']
    theirs = collections.Counter()
    for n, row in oracle(SLMP, 'raw.slmp'):
        theirs[COMMANDS['%s/%s' % (row['cmd'], row['subcmd'])] if row['sub'] == '6800' else 'ResNotification'] += n
    t.equal(total(log, lambda r: r['cmd']), theirs, 'SLMP: commands as tshark counts them')
    t.equal({(r['protocol'], r['flame_type'], r['pdu_type'] == 'slmp-' + r['cmd'][3].lower() + r['cmd'][4:]) for r in log},
            {('cclink_ie_tsn', 'ip', True)}, 'SLMP: the other columns')


# Sections of the maker's truth: the log that must have the same rows, its columns, and the engine's name of each.
MADE = [
    ('cclink_ie', 'cclink-ie', ['src_mac', 'dst_mac', 'service', 'pdu_type', 'cmd', 'node_type', 'node_id', 'connection_info', 'src_node_number']),
    ('cclink_ie_tsn', 'cclink-ie-tsn', ['src_mac', 'dst_mac', 'service', 'flame_type', 'pdu_type', 'node_type', 'device_type', 'function_name']),
    ('cclink_ie_tsn_ptp', 'cclink-ie-tsn-ptp', ['src_mac', 'dst_mac', 'pdu_type']),
    ('cclink_ie_tsn_slmp', 'cclink-ie-tsn-slmp', ['orig', 'resp', 'cmd']),
    ('cclink_ief_basic', 'cclink-ief-basic', ['orig', 'resp', 'pdu', 'cmd']),
]
# Of flows only hosts are told: a log's originator is who spoke first, the truth's who sent the message.
HOSTS = {'orig': 'id.orig_h', 'resp': 'id.resp_h'}


def rows_of(rows, columns):
    """How often each row was counted, without its direction."""
    counts = collections.Counter()
    for row in rows:
        cells = {c: str(row.get(c, row.get(HOSTS.get(c), '-'))) or '(empty)' for c in columns}
        if 'orig' in cells:
            cells['orig'], cells['resp'] = sorted((cells['orig'], cells['resp']))
        counts[tuple(cells.values())] += int(row['number'])
    return counts


def made(t, capture=os.path.join(CAPTURES, 'cclink.pcap')):
    """Our own capture: each row that the maker counted, and no other."""
    found = logs(t, capture, 'cclink.pcap')
    truth = json.load(open(capture.replace('.pcap', '.truth.json')))
    for section, log, columns in MADE:
        told = [r for r in truth[section] if r.get('cmd') != 'unknown']
        # SLMP in a frame of TSN has no addresses; its frame is a row of cclink-ie-tsn.
        there = [r for r in found.get(log, []) if r.get('id.orig_h') != '-']
        expected, got = rows_of(told, columns), rows_of(there, columns)
        lacking, more = expected - got, got - expected
        t.ok(not lacking and not more, 'made: %s: the %d rows of the truth' % (log, len(expected)),
             'lacking %s\nmore %s' % (dict(lacking), dict(more)))
    states(t, capture, truth)


STATES = '''
on("cclink_ief_basic.request", function(e) print("cyclicDataReq", e.group, 0, 0) end)
on("cclink_ief_basic.response", function(e) print("cyclicDataRes", e.group, e.end_code, e.error) end)
'''
END_CODES = {'normal': 0, 'station_leaves': 0xcfff, 'wrong_occupied_stations': 0xcfe1, 'station_error': 0xcff0, 'master_duplication': 0xcfe0,
             'stop': 0x80cf}


def states(t, capture, truth):
    """Groups, end codes and errors of Field Basic."""
    expected, got = collections.Counter(), collections.Counter()
    for row in truth['cclink_ief_basic']:
        if row.get('cmd') != 'unknown':
            expected[row['pdu'], row['group'], row.get('end_code', 0), row.get('error', 0)] += row['number']
    for line in Run('-q', '-r', capture, '-e', STATES).out.splitlines():
        pdu, group, end_code, error = line.split('\t')
        got[pdu, int(group), END_CODES[end_code] if end_code in END_CODES else int(re.sub('^unknown-', '', end_code), 0), int(error)] += 1
    t.equal(got, expected, 'made: Field Basic: groups, end codes and errors')


def main():
    t = Tap()
    made(t, *sys.argv[1:2])
    for capture, check in ((BASIC, basic), (FIELD, field), (TSN, tsn), (PTP, ptp), (SLMP, slmp)):
        path = os.path.join(SHARED, 'pcaps', capture)
        if not os.path.exists(path):
            t.skip(os.path.basename(capture), '../shared/pcaps is absent')
            continue
        found = logs(t, path, os.path.basename(capture))
        check(t, found)
        t.ok(not found.get('weird'), '%s: nothing weird' % os.path.basename(capture), found.get('weird'))
    t.finish()


main()
