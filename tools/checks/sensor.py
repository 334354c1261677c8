#!/usr/bin/env python3
"""sensor.py - the logs under profile sensor: each acceptance row of the sensor we follow, by a capture of ours always and by the capture that is
named with the row where it is present.

One function a row; its name says which.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import CAPTURES, SHARED, Run, Tap, rows  # noqa: E402

OURS = os.path.join(CAPTURES, 'it-datagrams.pcap')
NAMED = {
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


def main():
    t = Tap()
    for row in (row_8_dhcp, row_9_netbios_ns, row_10_mswin_browser, row_11_dhcpv6, row_12_ssdp):
        row(t)
    t.finish()


main()
