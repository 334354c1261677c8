#!/usr/bin/env python3
"""sensor.py - the logs under profile sensor: each acceptance row of the sensor we follow, by a capture of ours always and by the capture that is
named with the row where it is present.

One function a row; its name says which.
"""
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import CAPTURES, ROOT, SHARED, Run, Tap, captures, rows  # noqa: E402

OURS = os.path.join(CAPTURES, 'it-datagrams.pcap')
PLANT = 'mixed-ot/ITI+ICS-Security-Tools__mb2.pcap'
NAMED = {
    'conn': PLANT,
    'conn-deltas': 'modbus/ITI+ICS-Security-Tools__ModbusTCP.pcap',
    'arp': PLANT,
    'ns': 'dhcpv6/nttcom+zeek-parser-DHCPv6-COM__test.pcap',
    'mdns': 'mdns/zeek+zeek__mdns.pcap',
    'llmnr': 'llmnr/OISF+suricata-verify__llmnr-udp_input.pcap',
    'nbns': 'nbns/nttcom+zeek-parser-CIFS-NBNS-COM__test.pcap',
    'p0f': PLANT,
    'http': 'http/idaholab+Malcolm-Test-Artifacts__favicon.pcap',
    'http-port': 'mixed-it/OISF+suricata-verify__output-eve-ftp-data_input.pcap',
    'cclink-ie': 'cclink-ie-field-control/nttcom+zeek-parser-CCLinkField-CCLinkControl__cc_link_ief.pcap',
    'omron_fins': 'omron-fins/nttcom+zeek-parser-OmronFINS__test.pcap',
    'cclink-ief-basic': 'cclink-ief-basic/nttcom+zeek-parser-CCLinkFieldBasic__cclink_ief_basic_only.pcap',
    'cclink-ie-tsn-ptp': 'cclink-ie-tsn-ptp/nttcom+zeek-parser-CCLinkTSNPTP__test.pcapng',
    'cclink-ie-tsn': 'cclink-ie-field-control/nttcom+zeek-parser-CCLinkIENoIP__test2.pcapng',
    'cclink-ie-tsn-slmp': 'cclink-ie-tsn-slmp/nttcom+zeek-parser-CCLinkTSNSLMP__test.pcap',
    'modbus_detailed': 'modbus/cisagov+icsnpp-modbus__modbus_example.pcap',
    'bacnet_service': 'bacnet/nttcom+zeek-parser-Bacnet__test.pcap',
    'dhcp': 'dhcpv4/idaholab+Malcolm-Test-Artifacts__DHCP.pcap',
    'netbios-ns': 'nbns/nttcom+zeek-parser-CIFS-NBNS-COM__test.pcap',
    'mswin-browser': 'cifs-browser/nttcom+zeek-parser-CIFS-COM__test.pcap',
    'dhcpv6': 'dhcpv6/nttcom+zeek-parser-DHCPv6-COM__test.pcap',
    'ssdp': 'ssdp/nttcom+zeek-parser-SSDP-COM__test.pcapng',
}
DETAIL = ['ts', 'uid', 'id.orig_h', 'id.orig_p', 'id.resp_h', 'id.resp_p']
COUNTED = ['number', 'ts_end']


def log(t, capture, name, *args):
    """The rows of one log under profile sensor."""
    out = t.dir('%s-%s' % (os.path.basename(capture), name))
    r = Run('-q', '-r', capture, '-l', out, '--profile', 'sensor', '--log', name, *args)
    if not t.ok(r.code == 0, '%s: %s runs' % (os.path.basename(capture), name), r.said()):
        return []
    path = os.path.join(out, name + '.log')
    return rows(path) if os.path.exists(path) else []


def named(t, name):
    """The capture of a row, or None when the captures are not here."""
    path = os.path.join(SHARED, 'pcaps', NAMED[name])
    if os.path.exists(path):
        return path
    t.skip('%s: %s' % (name, os.path.basename(path)), '../shared/pcaps is absent')
    return None


def tshark(capture, condition, *fields):
    """Rows of tshark's fields; None without tshark."""
    words = [w for f in fields for w in ('-e', f)]
    try:
        done = subprocess.run(['tshark', '-r', capture, '-Y', condition, '-T', 'fields', *words], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=120, check=False)
    except FileNotFoundError:
        return None
    return [line.split('\t') for line in done.stdout.decode('utf-8', 'replace').rstrip('\n').split('\n') if line]


def columns(t, found, expected, name):
    t.equal(list(found[0]) if found else [], expected, '%s: columns' % name)


def picked(found, *names):
    return {tuple(r[n] for n in names) for r in found}


CONN = DETAIL + ['proto', 'service', 'duration', 'orig_bytes', 'resp_bytes', 'conn_state', 'local_orig', 'local_resp', 'missed_bytes', 'history',
                 'orig_pkts', 'orig_ip_bytes', 'resp_pkts', 'resp_ip_bytes', 'tunnel_parents', 'orig_l2_addr', 'resp_l2_addr']
MAC = re.compile('^([0-9a-f]{2}:){5}[0-9a-f]{2}$')


def ours(name):
    return os.path.join(CAPTURES, name + '.pcap')


def has_columns(t, found, expected, name):
    """The columns of the sensor, in their order; ours may follow."""
    t.equal(list(found[0])[:len(expected)] if found else [], expected, '%s: columns' % name)


def packets(found, *columns_):
    return sum(int(r[c]) for r in found for c in columns_)


def row_1_conn(t):
    """Connections with both MACs; every frame is counted."""
    found = log(t, ours('demo'), 'conn')
    has_columns(t, found, CONN, 'conn')
    t.ok(all(MAC.match(r['orig_l2_addr']) and MAC.match(r['resp_l2_addr']) for r in found), 'conn: both MACs in every row of ours')
    capture = named(t, 'conn')
    if capture:
        found = [r for r in log(t, capture, 'conn', '--keep-duplicates') if r['proto'] == 'tcp']
        pairs = {frozenset([(r['id.orig_h'], r['id.orig_p']), (r['id.resp_h'], r['id.resp_p'])]) for r in found}
        t.equal(len(pairs), 80, 'conn: 80 TCP conversations')
        t.ok(all(MAC.match(r['orig_l2_addr']) and MAC.match(r['resp_l2_addr']) for r in found), 'conn: both MACs in every row')
        t.equal(packets(found, 'orig_pkts', 'resp_pkts'), 13393, 'conn: as many packets as there are TCP frames')


def deltas(t, capture, name):
    """Deltas of each connection add up to its totals."""
    out = t.dir(name + '-totals')
    r = Run('-q', '-r', capture, '-l', out, '--profile', 'otoscope', '--log', 'conn,conn_delta', '--interval', '10s')
    if not t.ok(r.code == 0, '%s: runs' % name, r.said()):
        return
    total, parts = rows(os.path.join(out, 'conn.log')), rows(os.path.join(out, 'conn_delta.log'))
    sums = {}
    for row in parts:
        for c in ('orig_bytes', 'resp_bytes', 'orig_pkts', 'orig_ip_bytes', 'resp_pkts', 'resp_ip_bytes'):
            if row[c] != '-':
                sums[row['uid'], c] = sums.get((row['uid'], c), 0) + int(row[c])
    wrong = [k for k in sums if not any(r['uid'] == k[0] and (r[k[1]] == '-' or int(r[k[1]]) == sums[k]) for r in total)]
    t.equal(wrong, [], '%s: deltas add up to the totals' % name)


def row_1b_long_connections(t):
    deltas(t, ours('demo'), 'conn-deltas')
    capture = named(t, 'conn-deltas')
    if capture:
        deltas(t, capture, 'conn-deltas-plant')
        out = t.dir('every-interval')
        Run('-q', '-r', capture, '-l', out, '--profile', 'otoscope', '--log', 'conn,conn_delta', '--interval', '10s')
        found = [r for r in rows(os.path.join(out, 'conn.log')) if r['proto'] == 'tcp']
        told = [r['uid'] for r in rows(os.path.join(out, 'conn_delta.log'))]
        t.equal(len({r['uid'] for r in found}), 14, 'conn-deltas: 14 connections')
        silent = [r['uid'] for r in found if told.count(r['uid']) < float(r['duration']) // 10 + 1]
        t.equal(silent, [], 'conn-deltas: each has a row for every interval it lives in')
        sensor = log(t, capture, 'conn', '--interval', '10s')
        t.equal(sorted(r['uid'] for r in sensor), sorted(told), 'conn-deltas: these rows are what a sensor\'s conn.log has')


YAF = ['ts', 'start-time', 'end-time', 'duration', 'rtt', 'proto', 'sip', 'sp', 'dip', 'dp', 'srcMacAddress', 'destMacAddress', 'iflags',
       'uflags', 'riflags', 'ruflags', 'isn', 'risn', 'tag', 'rtag', 'pkt', 'oct', 'rpkt', 'roct', 'end-reason']
NEITHER = ('tcp', 'udp', 'icmp', 'ipv6-icmp')


def row_2_ipflow(t):
    """One row a flow with the tags of both ways, and nothing of it in log 1."""
    capture = os.path.join(CAPTURES, 'link', 'other-ip.pcap')
    found = log(t, capture, 'ipflow')
    columns(t, found, YAF, 'ipflow')
    t.equal(sorted(r['proto'] for r in found), ['Unassigned Protocol(253)', 'esp', 'ospfigp', 'udplite', 'vrrp'], 'ipflow: a row a protocol')
    t.equal({(r['tag'], r['rtag'], r['pkt'], r['rpkt']) for r in found}, {('40', '40', '5', '5')}, 'ipflow: both ways, with their tags')
    t.equal([(r['sp'], r['dp']) for r in found if r['proto'] == 'udplite'], [('5004', '5004')], 'ipflow: ports where there are some')
    t.equal({r['end-reason'] for r in found}, {'eof'}, 'ipflow: end reason')
    t.ok(all(r[c] == '-' for r in found for c in ('rtt', 'iflags', 'uflags', 'riflags', 'ruflags', 'isn', 'risn')), 'ipflow: what is TCP\'s is empty')
    t.equal(log(t, capture, 'conn'), [], 'ipflow: nothing of it in conn')
    row_2_flows(t)
    row_2_tunnels(t)
    real = [f for f in captures(os.path.join(SHARED, 'pcaps')) if f.split(os.sep)[-2] in ('igmp', 'ipsec', 'ospf-bgp', 'vrrp-hsrp')]
    if not real:
        t.skip('ipflow: packets as tshark counts them', '../shared/pcaps is absent')
        return
    if not shutil.which('tshark'):
        t.skip('ipflow: packets as tshark counts them', 'tshark is absent')
        return
    wrong = []
    for name in real:
        theirs, ours_ = tshark_protocols(name), packets_by_protocol(log(t, name, 'ipflow', '--keep-duplicates'))
        wrong += [(os.path.basename(name), k, theirs.get(k, 0), ours_.get(k, 0)) for k in set(theirs) | set(ours_) if theirs.get(k) != ours_.get(k)]
    t.equal(wrong, [], 'ipflow: packets of each protocol as tshark counts them in %d captures' % len(real))


def row_2_flows(t):
    """Tags of their own each way, one way, groups, a tunnel; flows that fall silent and that go on."""
    capture = ours('ip-flows')
    found = log(t, capture, 'ipflow')
    t.equal({r['proto'] for r in found}, {'gre', 'esp', 'ah', 'sctp', 'udplite', 'igmp'}, 'ipflow: protocols')
    both = [r for r in found if r['proto'] != 'igmp']
    t.equal({(r['tag'], r['rtag']) for r in both}, {('40', '41')}, 'ipflow: a tag each way')
    t.ok(all(r['pkt'] == r['rpkt'] and r['oct'] == r['roct'] for r in both), 'ipflow: packets and octets both ways')
    t.equal({(r['tag'], r['rtag'], r['rpkt'], r['dip'], r['destMacAddress']) for r in found if r['proto'] == 'igmp'},
            {('40', '-', '0', '239.9.9.9', '01:00:5e:09:09:09')}, 'ipflow: to a group, one way')
    reasons = {p: [r['end-reason'] for r in found if r['proto'] == p and r['sip'] != 'fd00:9::1'] for p in ('ah', 'sctp', 'udplite', 'esp', 'igmp')}
    t.equal(reasons, {'ah': ['idle'], 'sctp': ['idle'], 'udplite': ['idle'], 'esp': ['active'] * 4 + ['eof'], 'igmp': ['idle'] * 3 + ['eof']},
            'ipflow: end reasons idle, active and eof')
    t.equal(packets(found, 'pkt', 'rpkt'), len(tshark(capture, 'ip || ipv6', 'frame.number') or range(52)), 'ipflow: every packet once')
    t.equal(log(t, capture, 'conn'), [], 'ipflow: nothing of these in conn')


def row_2_tunnels(t):
    """A tunnel is a flow of its own here; what it carries is in log 1, where its rows name the tunnel's."""
    for name, protocols in (('gre', {'gre'}), ('ipip', {'ipv4'})):
        out = t.dir('tunnel-%s' % name)
        Run('-q', '-r', os.path.join(CAPTURES, 'link', name + '.pcap'), '-l', out, '--log', 'conn,ipflow')
        outer, inner = rows(os.path.join(out, 'ipflow.log')), rows(os.path.join(out, 'conn.log'))
        t.equal({r['proto_name'] for r in outer}, protocols, 'ipflow: %s as a flow' % name)
        t.equal({(r['service'], r['proto']) for r in inner}, {('modbus', 'tcp'), ('dns', 'udp'), ('-', 'icmp')}, 'conn: what %s carries' % name)
        t.equal({r['tunnel_parents'] for r in inner}, {r['uid'] for r in outer}, 'conn: tunnel_parents of what %s carries' % name)
        carried = sum(int(r['orig_pkts']) + int(r['resp_pkts']) for r in inner)
        t.equal(packets(outer, 'orig_pkts', 'resp_pkts'), carried, 'ipflow: packets of %s, each once beside what it carries' % name)


def tshark_protocols(capture):
    """Packets by the number of their IP protocol, the outermost header's, without those of log 1."""
    counts = {}
    for v4, v6 in tshark(capture, '(ip || ipv6) && !_ws.malformed', 'ip.proto', 'ipv6.nxt') or []:
        number = (v4 or v6).split(',')[0]
        if number not in ('1', '6', '17', '58', '0'):
            counts[number] = counts.get(number, 0) + 1
    return counts


def packets_by_protocol(found):
    counts = {}
    for r in found:
        number = NUMBERS.get(r['proto'], r['proto'])
        counts[number] = counts.get(number, 0) + int(r['pkt']) + int(r['rpkt'])
    return counts


NUMBERS = {'igmp': '2', 'esp': '50', 'ah': '51', 'ospfigp': '89', 'vrrp': '112', 'ipv4': '4', 'ipv6': '41', 'gre': '47', 'pim': '103', 'eigrp': '88'}


def row_3_arp(t):
    found = log(t, ours('arp-nd'), 'arp')
    columns(t, found, ['ts', 'orig_mac', 'orig_ip', 'resp_mac', 'resp_ip', 'who_has', 'pkts', 'ts_end'], 'arp')
    t.ok(all((r['who_has'] == '-') == (r['resp_mac'] != '-') for r in found), 'arp: requests ask, replies have a MAC')
    capture = named(t, 'arp')
    if capture:
        found = log(t, capture, 'arp', '--keep-duplicates')
        t.equal(packets([r for r in found if r['who_has'] != '-'], 'pkts'), 19, 'arp: 19 requests')
        t.equal(packets([r for r in found if r['who_has'] == '-'], 'pkts'), 6, 'arp: 6 replies')


def row_4_ns(t):
    found = log(t, ours('arp-nd'), 'ns')
    columns(t, found, ['ts', 'orig_mac', 'resp_mac', 'orig_ip', 'resp_ip', 'who_has', 'pkts', 'ts_end'], 'ns')
    t.ok(('fe80::20', 'fe80::1', 'fe80::1') in picked(found, 'orig_ip', 'resp_ip', 'who_has'), 'ns: a question of ours')
    t.ok(any(r['who_has'] == '-' and MAC.match(r['orig_mac']) and MAC.match(r['resp_mac']) for r in found), 'ns: an answer with both MACs')
    capture = named(t, 'ns')
    theirs = capture and tshark(capture, 'icmpv6.type == 135 || icmpv6.type == 136', 'frame.number')
    if theirs:
        t.equal(packets(log(t, capture, 'ns', '--keep-duplicates'), 'pkts'), len(theirs), 'ns: as many messages as tshark counts')


DNS = DETAIL + ['proto', 'trans_id', 'rtt', 'query', 'qclass', 'qclass_name', 'qtype', 'qtype_name', 'rcode', 'rcode_name', 'AA', 'TC', 'RD', 'RA',
                'Z', 'answers', 'TTLs', 'rejected', 'pkts']


def row_5_dns(t):
    """All that has DNS's shape in one log."""
    found = log(t, ours('dns'), 'dns')
    columns(t, found, DNS, 'dns')
    t.ok({r['id.resp_p'] for r in found} >= {'53', '137', '5353', '5355', '5300'}, 'dns: DNS, mDNS, LLMNR, NBNS and another port')
    for name in ('mdns', 'llmnr', 'nbns'):
        capture = named(t, name)
        theirs = capture and tshark(capture, 'nbns.flags.opcode == 0' if name == 'nbns' else name, 'nbns.name', 'dns.qry.name')
        if theirs:  # of several questions the last, as Zeek has it
            wanted = {plain_name((row[0] or row[1]).split(',')[-1]) for row in theirs if any(row)}
            mine = {plain_name(r['query']) for r in log(t, capture, 'dns', '--keep-duplicates')}
            t.ok(wanted and wanted <= mine, 'dns: the names asked for by %s' % name, 'missing: %s' % sorted(wanted - mine)[:10])


def plain_name(name):
    """A name as both print it: the suffix of NetBIOS is no part of it."""
    return re.sub(r'<..>.*', '', name).lower() or '<root>'


def row_6_p0f(t):
    found = log(t, ours('handshakes'), 'p0f', '--data', os.path.join(os.path.dirname(CAPTURES), 'data'))
    has_columns(t, found, ['ts', 'mod', 'src_ip', 'src_mac', 'os', 'raw_sig'], 'p0f')
    t.ok(('syn', '10.9.0.20', 'Windows 7 or newer') in picked(found, 'mod', 'src_ip', 'os'), 'p0f: a Windows of ours')
    t.ok(('10.9.0.30', '4:64+0:0:1460:5555,7:mss,sok,ts,nop,ws:df,id+:0') in picked(found, 'src_ip', 'raw_sig'), 'p0f: raw signature')
    capture = named(t, 'p0f')
    if capture:
        found = log(t, capture, 'p0f')
        t.equal({r['src_ip'] for r in found}, {'141.81.0.10', '141.81.0.182', '141.81.0.187', '141.81.0.86'}, 'p0f: four hosts and no other')
        t.equal({r['raw_sig'].split(':')[1].split('+')[0] for r in found}, {'128', '64'}, 'p0f: their TTLs')


def row_7_http(t):
    found = log(t, ours('http'), 'http')
    has_columns(t, found, DETAIL + ['trans_depth', 'method', 'host', 'uri', 'referrer', 'version', 'user_agent', 'origin', 'request_body_len',
                                    'response_body_len', 'status_code', 'status_msg', 'info_code', 'info_msg', 'tags', 'username', 'password',
                                    'proxied'], 'http')
    t.ok(found and list(found[0])[-2:] == ['orig_l2_addr', 'resp_l2_addr'], 'http: MACs')
    t.ok({r['id.resp_p'] for r in found} >= {'80', '8080', '3128', '49876'}, 'http: any port')
    t.ok('operator' in {r['username'] for r in found} and {r['password'] for r in found} == {'-'}, 'http: a user and no password')
    t.ok(not any('letmein' in v for r in found for v in r.values()), 'http: no password anywhere')
    for name, condition in (('http', 'http.request'), ('http-port', 'http.request && tcp.dstport != 80')):
        capture = named(t, name)
        theirs = capture and tshark(capture, condition, 'http.request.method', 'http.host')
        if theirs:
            found = [r for r in log(t, capture, 'http', '--keep-duplicates') if r['method'] != '-' and (name == 'http' or r['id.resp_p'] != '80')]
            t.equal(sorted((r['method'], r['host']) for r in found), sorted((m, h) for row in theirs for m, h in zip(*(c.split(',') for c in row))),
                    '%s: methods and hosts of tshark\'s requests' % name)
            t.ok({r['password'] for r in found} == {'-'}, '%s: no password' % name)


def row_8_dhcp(t):
    """Host name, list of options and class of each client's message."""
    found = log(t, OURS, 'dhcp')
    columns(t, found, DETAIL + ['src_ip', 'src_mac', 'hostname', 'parameter_list', 'class_id'], 'dhcp')
    t.ok(('OFFICE-PC', '1,3,6,15,31,33,43,44,46,47,119,121,249,252', 'MSFT 5.0') in picked(found, 'hostname', 'parameter_list', 'class_id'),
         'dhcp: the client of ours')
    t.equal({r['id.resp_p'] for r in found}, {'67'}, 'dhcp: to servers alone')
    for capture in [OURS, named(t, 'dhcp')]:
        theirs = capture and tshark(capture, 'dhcp.option.dhcp && udp.dstport == 67 && dhcp.type == 1 && !_ws.malformed', 'dhcp.id', 'eth.src',
                                    'dhcp.option.hostname', 'dhcp.option.request_list_item', 'dhcp.option.vendor_class_id')
        if not theirs:
            continue
        wanted = sorted([r[1], r[2] or '-', r[3] or '-', r[4] or '-'] for r in theirs)
        ours = sorted([r['src_mac'], r['hostname'], r['parameter_list'], r['class_id']] for r in log(t, capture, 'dhcp', '--keep-duplicates'))
        missing = [w for w in wanted if w not in ours]
        t.equal(missing, [], '%s: dhcp says what tshark says' % os.path.basename(capture))


def row_9_netbios_ns(t):
    expected = ['ts', 'src_ip', 'src_mac', 'name', 'ttl', 'service_type'] + COUNTED
    found = log(t, os.path.join(CAPTURES, 'dns.pcap'), 'netbios-ns')
    columns(t, found, expected, 'netbios-ns')
    t.ok(('OFFICE-PC', '300000', 'Workstation') in picked(found, 'name', 'ttl', 'service_type'), 'netbios-ns: the station of ours', found)
    capture = named(t, 'netbios-ns')
    if capture:  # the sensor's own parser loses the fifteenth character of the name
        found = picked(log(t, capture, 'netbios-ns'), 'src_mac', 'name', 'ttl', 'service_type')
        mac = '3c:a6:f6:29:43:51'
        t.ok(found >= {(mac, 'MACBOOKAIR-4351', '900', 'Workstation'), (mac, 'MACBOOKAIR-4351', '900', 'Server')},
             'netbios-ns: MACBOOKAIR-4351 for 900 seconds, Workstation and Server', found)


def row_10_mswin_browser(t):
    keys = ['src_ip', 'src_mac', 'server_name', 'os_version', 'server_type', 'browser_version', 'signature', 'host_comment']
    found = log(t, OURS, 'mswin-browser')
    columns(t, found, ['ts'] + keys + COUNTED, 'mswin-browser')
    t.ok(('10.5.0.20', 'OFFICE-PC', '5.0', '0x1003', '15.1', '0xaa55', 'front office') in picked(found, 'src_ip', *keys[2:]),
         'mswin-browser: the host of ours', found)
    capture = named(t, 'mswin-browser')
    if capture:
        found = picked(log(t, capture, 'mswin-browser'), *keys)
        printed = {('192.168.1.35', '08:00:27:b9:d0:0a', 'SNG-WIN2K', '5.0', '0x1003', '15.1', '0xaa55', '(empty)'),
                   ('192.168.1.35', '08:00:27:b9:d0:0a', 'SNG-WIN2K', '5.0', '0x51003', '15.1', '0xaa55', '(empty)'),
                   ('192.168.1.37', '08:00:27:fb:de:c8', 'SNG-WINNT4', '4.0', '0x9002', '15.1', '0xaa55', '(empty)')}
        t.ok(found >= printed, 'mswin-browser: the rows of the README', found)
        t.equal({r[2:4] for r in found}, {('SNG-WIN2K', '5.0'), ('SNG-WINNT4', '4.0')}, 'mswin-browser: two hosts and no other')


def row_11_dhcpv6(t):
    keys = ['src_ip', 'src_mac', 'hostname', 'option_request_list', 'enterprise_number', 'vendor_class']
    found = log(t, OURS, 'dhcpv6')
    columns(t, found, DETAIL + keys, 'dhcpv6')
    t.ok(('office-pc.plant.example', '24,23,17,39', '311', 'MSFT 5.0') in picked(found, *keys[2:]), 'dhcpv6: the client of ours', found)
    capture = named(t, 'dhcpv6')
    if not capture:
        return
    found = log(t, capture, 'dhcpv6', '--keep-duplicates')
    t.equal(picked(found, 'enterprise_number', 'vendor_class'), {('311', 'MSFT 5.0')}, 'dhcpv6: enterprise 311, "MSFT 5.0"')
    theirs = tshark(capture, 'dhcpv6 && udp.dstport == 547', 'eth.src', 'dhcpv6.client_fqdn', 'dhcpv6.requested_option_code')
    if theirs:
        t.equal(sorted([r['src_mac'], r['hostname'], r['option_request_list']] for r in found), sorted(theirs), 'dhcpv6: says what tshark says')


def row_12_ssdp(t):
    found = log(t, OURS, 'ssdp')
    columns(t, found, ['ts', 'src_ip', 'src_mac', 'method', 'server_or_user_agent'] + COUNTED, 'ssdp')
    t.equal({r['method'] for r in found}, {'NOTIFY', 'M-SEARCH Request', 'M-SEARCH Response'}, 'ssdp: every kind in ours')
    capture = named(t, 'ssdp')
    if not capture:
        return
    found = log(t, capture, 'ssdp', '--keep-duplicates')
    pairs = picked(found, 'method', 'server_or_user_agent')
    t.ok(pairs >= {('NOTIFY', 'Linux/4.14.76+ UPnP/1.0 CyberLinkJava/1.8'), ('M-SEARCH Request', 'Google Chrome/106.0.5249.119 Linux')},
         'ssdp: NOTIFY and M-SEARCH with their agents', pairs)
    t.equal(len({r['src_mac'] for r in found}), 3, 'ssdp: three source MACs')
    theirs = tshark(capture, 'ssdp', 'frame.number')
    if theirs:
        t.equal(sum(int(r['number']) for r in found), len(theirs), 'ssdp: as many messages as tshark counts')


def row_13_cclink_ief_basic(t):
    expected = DETAIL + ['pdu', 'cmd'] + COUNTED
    columns(t, log(t, ours('cclink'), 'cclink-ief-basic'), expected, 'cclink-ief-basic')
    capture = named(t, 'cclink-ief-basic')
    if capture:
        found = log(t, capture, 'cclink-ief-basic')
        t.equal(sorted((r['pdu'], r['cmd'], r['number']) for r in found), [('cyclicDataReq', 'cyclic', '222'), ('cyclicDataRes', '-', '222')],
                'cclink-ief-basic: two rows')


def row_14_cclink_ie(t):
    found = log(t, ours('cclink'), 'cclink-ie')
    columns(t, found, ['ts', 'src_mac', 'dst_mac', 'service', 'pdu_type', 'cmd', 'node_type', 'node_id', 'connection_info', 'src_node_number'] +
            COUNTED, 'cclink-ie')
    t.ok({r['service'] for r in found} >= {'cclink_ie_field', 'cclink_ie_control'}, 'cclink-ie: both networks')
    capture = named(t, 'cclink-ie')
    if capture:
        t.equal(packets(log(t, capture, 'cclink-ie', '--keep-duplicates'), 'number'), 500, 'cclink-ie: 500 frames in all rows')


MORE = {
    'cclink-ie-tsn': ('cclink', ['ts', 'src_mac', 'dst_mac', 'service', 'flame_type', 'pdu_type', 'node_type', 'device_type', 'function_name'] + COUNTED,
                      'eth.type == 0x890f'),
    'cclink-ie-tsn-ptp': ('cclink', None, 'eth.type == 0x88f7'),
    'cclink-ie-tsn-slmp': ('cclink', DETAIL + ['protocol', 'flame_type', 'pdu_type', 'cmd'] + COUNTED, 'udp.port == 45238'),
    'modbus_detailed': ('modbus-all', None, None),
    'bacnet_service': ('bacnet', DETAIL + ['proto', 'pdu_service', 'pdu_type', 'obj_type'] + COUNTED, 'bacnet'),
    'omron_fins': ('fins', DETAIL + ['proto', 'data_type', 'destination_network_address', 'destination_node_number', 'destination_unit_address',
                                     'source_network_address', 'source_node_number', 'source_unit_address', 'command_type'] + COUNTED,
                   'omron.command'),
}


def row_and_more(t):
    """Logs beside the fifteen: rows of ours, and every frame of the named captures in some row."""
    for name, (capture, expected, condition) in MORE.items():
        found = log(t, ours(capture), name)
        t.ok(found, '%s: rows of ours' % name)
        if expected:
            columns(t, found, expected, name)
        theirs = named(t, name)
        if not theirs:
            continue
        found = log(t, theirs, name, '--keep-duplicates')
        t.ok(found, '%s: rows' % name)
        frames = condition and tshark(theirs, condition, 'frame.number')
        if frames:
            whole = found + (log(t, theirs, 'cclink-ie', '--keep-duplicates') if name == 'cclink-ie-tsn' else [])
            t.equal(packets(whole, 'number'), len(frames), '%s: as many frames as tshark counts' % name)
        if name == 'omron_fins':
            t.equal(sorted((r['data_type'], r['command_type'], r['number']) for r in found),
                    [('command', 'multiple_memory_area_read', '10'), ('response', 'multiple_memory_area_read', '10')], 'omron_fins: 10 commands, 10 responses')
        if name == 'cclink-ie-tsn-ptp':
            kinds = {}
            for r in found:
                kinds[r['pdu_type']] = kinds.get(r['pdu_type'], 0) + int(r['number'])
            t.equal(sorted(kinds.values()), [30] * 6, 'cclink-ie-tsn-ptp: 30 frames of each of six kinds')


def main():
    t = Tap()
    for row in (row_1_conn, row_1b_long_connections, row_2_ipflow, row_3_arp, row_4_ns, row_5_dns, row_6_p0f, row_7_http, row_8_dhcp, row_9_netbios_ns, row_10_mswin_browser, row_11_dhcpv6, row_12_ssdp, row_13_cclink_ief_basic, row_14_cclink_ie, row_and_more):
        row(t)
    t.finish()


main()
