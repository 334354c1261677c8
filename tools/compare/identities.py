#!/usr/bin/env python3
"""Identities of devices: what tshark reads in captures, and what the inventory says.

    tools/compare/identities.py --write [CAPTURE...]   make testdata/identities.tsv anew from tshark's reading, or the rows of these captures
    tools/compare/identities.py --check [CAPTURE...]   both ways: every row of it is a fact of the inventory, of the right asset, from the right
                                                       source; the inventory has no fact of these sources and keys that is not in it; and the
                                                       row of a controller shows its maker, model, order number, serial number and versions

A row is capture, address, sub ("" where tshark does not tell what is behind the address), source, key, value. Read are:
S7 (SZL 0011, 001C), the CIP identity object and EtherNet/IP's list of identities, Modbus device identification, DHCP, DHCPv6, NetBIOS names
and announcements, mDNS, LLMNR, NTLM, SMB, SNMP's system group, LLDP, CDP, PROFINET DCP, FINS, BACnet, MMS, SSDP, HTTP, SSH, RDP, VNC, MQTT, LDAP-less Kerberos. What tshark does not
dissect (S7comm-plus, MELSOFT, UMAS, Modbus server ids) is read from payloads by the form of the texts alone: order numbers, I&M0 blocks.
Differences that are known and right stand in known-differences-identities.tsv.
"""
import glob
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'checks'))
from tap import OTOSCOPE, ROOT, SHARED, Tap  # noqa: E402

TABLE = os.environ.get('IDENTITIES', os.path.join(ROOT, 'testdata', 'identities.tsv'))
KNOWN = os.path.join(ROOT, 'tools', 'compare', 'known-differences-identities.tsv')
PCAPS = os.path.join(SHARED, 'pcaps')
REAL = os.path.realpath(PCAPS)
OT = {'s7comm', 's7comm_plus', 'cip', 'enip', 'modbus', 'melsoft', 'lldp', 'profinet_dcp', 'fins', 'bacnet', 'mms', 'cdp'}


def tshark(path, *args):
    out = subprocess.run(['tshark', '-n', '-r', path, *args], capture_output=True, timeout=600).stdout
    return out.decode('utf-8', 'replace')


def number(text):
    return int(text, 16 if text.lower().startswith('0x') else 10)


# ---------------------------------------------------------------- plain fields: one value, one fact of its sender

def first_word_of_ssh(text):
    m = re.match(r'SSH-[\d.]+-(\S+)', text)
    return m and m.group(1)


def label(text):
    """The host of host.local."""
    return text[:-len('.local')] if text.endswith('.local') else text


# filter, field, source, key, how the value is shown
PLAIN = [
    ('s7comm', 's7comm.szl.001c.0001.name', 's7comm', 'station_name', None),
    ('s7comm', 's7comm.szl.001c.0002.name', 's7comm', 'module_name', None),
    ('s7comm', 's7comm.szl.001c.0003.tag', 's7comm', 'plant', None),
    ('s7comm', 's7comm.szl.001c.0005.serialn', 's7comm', 'serial', None),
    ('s7comm', 's7comm.szl.001c.0007.cputypname', 's7comm', 'model', None),
    ('s7comm', 's7comm.szl.001c.0008.snmcmmc', 's7comm', 'memory_card_serial', None),
    ('smb', 'smb.native_lanman', 'smb', 'software', lambda v: v if v.startswith('Samba') else None),
    ('mms', 'mms.vendorName', 'mms', 'vendor', None),
    ('mms', 'mms.modelName', 'mms', 'model', None),
    ('mms', 'mms.revision', 'mms', 'firmware', None),
    ('rdp', 'rdp.client.name', 'rdp', 'hostname', None),
    ('vnc', 'vnc.desktop_name', 'rfb', 'desktop_name', None),
    ('mqtt', 'mqtt.clientid', 'mqtt', 'mqtt_client_id', None),
    ('ssh', 'ssh.protocol', 'ssh', 'software', first_word_of_ssh),
    ('kerberos', 'kerberos.addr_nb', 'kerberos', 'hostname', lambda v: v.split('<')[0].strip()),
]

# ---------------------------------------------------------------- several fields of one packet


def s7(p):
    indexes, orders = p('s7comm.szl.xy11.0001.index'), p('s7comm.szl.xy11.0001.anz')
    firsts, seconds = p('s7comm.szl.xy11.0001.ausbg'), p('s7comm.szl.xy11.0001.ausbe')
    for i, index in enumerate(indexes):
        if number(index) == 1 and i < len(orders):
            yield 's7comm', 'order_number', orders[i]
        if number(index) == 6 and i < len(firsts):
            yield 's7comm', 'hardware', str(number(firsts[i]))
        if number(index) in (7, 0x81) and i < len(firsts) and i < len(seconds):
            a, b = number(firsts[i]), number(seconds[i])
            prefix = chr(a >> 8) if 0x41 <= a >> 8 <= 0x5a else 'V'
            # a boot loader's version has a blank in the place of its first part
            yield ('s7comm', 'firmware', '%s%d.%d.%d' % (prefix, a & 255, b >> 8, b & 255)) if number(index) == 7 else (
                's7comm', 'boot_loader', '%s%d.%d' % (prefix, b >> 8, b & 255))


def cip(p):
    if p('cip.id.product_name'):
        for value in p('cip.id.product_name'):
            yield 'cip', 'model', value
        for value in p('cip.id.serial_number'):
            yield 'cip', 'serial', '0x%08x' % number(value)
        for major, minor in zip(p('cip.id.major_rev'), p('cip.id.minor_rev')):
            yield 'cip', 'firmware', '%d.%d' % (number(major), number(minor))
        for value in p('cip.id.product_code'):
            yield 'cip', 'product_code', str(number(value))
    if p('enip.lir.name'):
        for value in p('enip.lir.name'):
            yield 'enip', 'model', value
        for value in p('enip.lir.serial'):
            yield 'enip', 'serial', '0x%08x' % number(value)
        for value in p('enip.lir.revision'):
            # tshark prints major and minor as one number of two octets, the major one first on the wire
            yield 'enip', 'firmware', '%d.%d' % (number(value) >> 8, number(value) & 255)


MODBUS = {0: 'vendor', 1: 'model', 2: 'firmware', 4: 'product', 5: 'model_name', 6: 'application'}


def modbus(p):
    for object_id, value in zip(p('modbus.object_id'), p('modbus.object_str_value')):
        if number(object_id) in MODBUS:
            yield 'modbus', MODBUS[number(object_id)], value


def browser(p):
    if p('browser.command') and number(p('browser.command')[0]) in (1, 15):
        for value in p('browser.server')[:1]:
            yield 'nbdgm', 'hostname', value
        for value in p('browser.comment')[:1]:
            yield 'nbdgm', 'description', value


def ntlm(p):
    kinds = [number(k) for k in p('ntlmssp.messagetype')]
    if kinds == [2]:
        for value in p('ntlmssp.challenge.target_info.nb_computer_name'):
            yield 'ntlm', 'hostname', value
        for value in p('ntlmssp.challenge.target_info.dns_computer_name'):
            if '.' in value:
                yield 'ntlm', 'fqdn', value
    if kinds == [3]:
        for value in p('ntlmssp.auth.hostname'):
            yield 'ntlm', 'hostname', value if value != 'NULL' else ''
    if len(kinds) == 1 and p('ntlmssp.version.major'):
        yield 'ntlm', 'os_version', '.'.join(p('ntlmssp.version.' + part)[0] for part in ('major', 'minor', 'build_number'))


def ssdp(p):
    for field in ('http.server', 'http.user_agent'):
        for value in p(field):
            yield 'ssdp', 'user_agent', value


def http(p):
    for field in ('http.server', 'http.user_agent'):
        for value in p(field):
            yield 'http', 'software', value


def multicast_names(p):
    """Addresses of its own that a station answers with."""
    if not p('dns.flags.response') or number(p('dns.flags.response')[0]) != 1:
        return
    for address in p('ip.src') + p('ipv6.src'):
        mine = [a for a in p('dns.a') + p('dns.aaaa') if a == address]
        hosts = {label(n) for n, kind in zip(p('dns.resp.name'), p('dns.resp.type')) if number(kind) in (1, 28) and '_' not in n}
        if mine and len(hosts) == 1:
            yield ('dns' if 'mdns' in p('frame.protocols')[0] or 'llmnr' in p('frame.protocols')[0] else ''), 'hostname', hosts.pop()


def registered(p):
    """NetBIOS names that a station registers for itself: unique, of a workstation or a server."""
    if p('nbns.flags.opcode') and number(p('nbns.flags.opcode')[0]) in (5, 8, 9) and number(p('nbns.flags.response')[0]) == 0:
        for name, group in zip(p('nbns.name')[:1], p('nbns.nb_flags.group')):
            m = re.match(r'(.*?)\s*<(00|20)>', name)
            if m and number(group) == 0:
                yield 'dns', 'hostname', m.group(1)


def words_of(text):
    """A line of a description as the inventory has it: one line, 256 octets. tshark prints line ends as backslash and letter."""
    text = re.sub(r'\\[nrt]', ' ', text)
    return re.sub(r'[\x00-\x1f\x7f]', ' ', text.encode()[:256].decode('utf-8', 'ignore')).strip()


def described(source, text):
    """What the maker's form of a description says: Siemens' parts between commas, Cisco's IOS."""
    parts = [x.strip() for x in text.split(',')]
    if parts[0] == 'Siemens':
        yield source, 'vendor', 'Siemens'
        for before, part in zip(parts, parts[1:]):
            if re.match(r'\d[A-Z]{2}\d? ?\d', part) or re.match(r'\d[A-Z]{2}[0-9A-Z]+ [0-9A-Z-]+$', part):
                yield from ((source, 'order_number', part), (source, 'model', before))
            for form, key in ((r'HW: *(?:Version )?(.*)', 'hardware'), (r'FW: *(?:Version )?(.*)', 'firmware'),
                    (r'(?:SN: )?(S [A-Z]-.*|SVP[A-Z0-9]+)', 'serial')):
                m = re.match(form, part)
                if m:
                    yield source, key, m.group(1)
    m = re.match(r'Cisco.*Version ([^ ,]+)', text)
    if m:
        yield from ((source, 'vendor', 'Cisco'), (source, 'firmware', m.group(1)))


def lldp(p):
    # who leaves says nothing more; a sender without an address is nobody
    if p('lldp.time_to_live') and number(p('lldp.time_to_live')[0]) == 0 or p('eth.src') == ['00:00:00:00:00:00']:
        return
    for field, key in (('lldp.tlv.system.name', 'hostname'), ('lldp.media.hardware', 'hardware'), ('lldp.media.firmware', 'firmware'),
            ('lldp.media.software', 'software'), ('lldp.media.sn', 'serial'), ('lldp.media.manufacturer', 'vendor'), ('lldp.media.model',
            'model'), ('lldp.media.asset', 'asset_id')):
        for value in p(field)[:1]:
            if value != 'sysName Not Set':
                yield 'lldp', key, value
    for value in p('lldp.tlv.system.desc')[:1]:
        yield 'lldp', 'description', words_of(value)
        yield from described('lldp', words_of(value))
    for value in p('lldp.mgn.addr.ip4') + p('lldp.mgn.addr.ip6'):
        if value != '0.0.0.0':
            yield 'lldp', 'management_address', value


def cdp(p):
    for value in p('cdp.deviceid')[:1]:
        if '(' not in value and not p('cdp.system_name'):
            yield 'cdp', 'hostname', value
    for value in p('cdp.platform')[:1]:
        if value != 'Linux':
            yield 'cdp', 'model', value[6:] if value.lower().startswith('cisco ') else value
    for value in p('cdp.portid')[:1]:
        yield 'cdp', 'port', value
    for address in p('cdp.nrgyz.ip_address'):
        if address != '0.0.0.0':
            yield 'cdp', 'management_address', address


def dcp(p):
    """What a PROFINET device answers, or says at its start; a question and a setting name what somebody else wishes."""
    if p('pn_dcp.service_id')[:1] == ['6'] or (p('pn_dcp.service_id')[:1] in (['3'], ['5']) and p('pn_dcp.service_type')[:1] == ['1']):
        for field, key in (('pn_dcp.suboption_device_nameofstation', 'station_name'), ('pn_dcp.suboption_device_devicevendorvalue', 'model')):
            for value in p(field)[:1]:
                yield 'profinet_dcp', key, value
        for field, key in (('pn_dcp.suboption_vendor_id', 'vendor_id'), ('pn_dcp.suboption_device_id', 'device_id')):
            for value in p(field)[:1]:
                yield 'profinet_dcp', key, '0x%04x' % number(value)


def fins(p):
    for field, key in (('omron.controller.model', 'model'), ('omron.controller.version', 'firmware')):
        for value in p(field):
            yield 'fins', key, value


SEVERAL = [
    ('s7comm.szl.xy11.0001.index', s7, ['s7comm.szl.xy11.0001.index', 's7comm.szl.xy11.0001.anz', 's7comm.szl.xy11.0001.ausbg',
        's7comm.szl.xy11.0001.ausbe']),
    ('cip.id.product_name || enip.lir.name', cip, ['cip.id.product_name', 'cip.id.serial_number', 'cip.id.major_rev', 'cip.id.minor_rev',
        'cip.id.product_code', 'enip.lir.name', 'enip.lir.serial', 'enip.lir.revision']),
    ('modbus.object_str_value', modbus, ['modbus.object_id', 'modbus.object_str_value']),
    ('lldp', lldp, ['lldp.time_to_live', 'lldp.tlv.system.name', 'lldp.tlv.system.desc', 'lldp.media.hardware', 'lldp.media.firmware',
        'lldp.media.software', 'lldp.media.sn', 'lldp.media.manufacturer', 'lldp.media.model', 'lldp.media.asset', 'lldp.mgn.addr.ip4',
        'lldp.mgn.addr.ip6']),
    ('cdp', cdp, ['cdp.deviceid', 'cdp.system_name', 'cdp.platform', 'cdp.portid', 'cdp.nrgyz.ip_address']),
    ('omron.controller.model', fins, ['omron.controller.model', 'omron.controller.version']),
    ('pn_dcp', dcp, ['pn_dcp.service_id', 'pn_dcp.service_type', 'pn_dcp.suboption_device_nameofstation',
        'pn_dcp.suboption_device_devicevendorvalue', 'pn_dcp.suboption_vendor_id', 'pn_dcp.suboption_device_id']),
    ('browser', browser, ['browser.command', 'browser.server', 'browser.comment']),
    ('ntlmssp', ntlm, ['ntlmssp.messagetype', 'ntlmssp.challenge.target_info.nb_computer_name',
        'ntlmssp.challenge.target_info.dns_computer_name', 'ntlmssp.auth.hostname', 'ntlmssp.version.major', 'ntlmssp.version.minor',
        'ntlmssp.version.build_number']),
    ('ssdp', ssdp, ['http.server', 'http.user_agent']),
    ('http && !ssdp', http, []),
    ('mdns || llmnr', multicast_names, ['dns.flags.response', 'dns.resp.name', 'dns.resp.type', 'dns.a', 'dns.aaaa']),
    ('nbns', registered, ['nbns.flags.opcode', 'nbns.flags.response', 'nbns.name', 'nbns.nb_flags.group']),
]
# layer of frame.protocols -> its reader
LAYER = {'browser': browser, 'ntlmssp': ntlm, 'ssdp': ssdp, 'http': http, 'mdns': multicast_names, 'llmnr': multicast_names, 'nbns': registered,
    's7comm': s7, 'cip': cip, 'enip': cip, 'modbus': modbus, 'lldp': lldp, 'pn_dcp': dcp, 'cdp': cdp, 'omron': fins}


# ---------------------------------------------------------------- whose: not always the sender's

def dhcp(p):
    """A client's own words, under its hardware address."""
    if p('dhcp.type') and number(p('dhcp.type')[0]) == 1 and p('dhcp.option.dhcp') and number(p('dhcp.option.dhcp')[0]) not in (4, 7):
        for mac in p('dhcp.hw.mac_addr')[:1]:
            for key, field in (('hostname', 'dhcp.option.hostname'), ('fqdn', 'dhcp.fqdn.name'), ('vendor_class',
                    'dhcp.option.vendor_class_id')):
                for value in p(field):
                    yield mac, 'dhcp', key, value.rstrip('.') if key == 'fqdn' else value
            if p('dhcp.option.request_list_item'):
                yield mac, 'dhcp', 'dhcp_fingerprint', ','.join(p('dhcp.option.request_list_item'))


def dhcpv6(p):
    """Outside of relays: the sender's."""
    if p('ipv6.src') and p('dhcpv6.msgtype') and number(p('dhcpv6.msgtype')[0]) in (1, 3, 4, 5, 6, 11) and len(p('dhcpv6.msgtype')) == 1:
        for value in p('dhcpv6.client_domain') + p('dhcpv6.client_fqdn'):
            yield p('ipv6.src')[0], 'dhcpv6', 'hostname', value.rstrip('.')


OTHERS = {'dhcp': (dhcp, ['dhcp.type', 'dhcp.option.dhcp', 'dhcp.hw.mac_addr', 'dhcp.option.hostname', 'dhcp.fqdn.name',
    'dhcp.option.vendor_class_id', 'dhcp.option.request_list_item']),
    'dhcpv6': (dhcpv6, ['dhcpv6.msgtype', 'dhcpv6.client_domain', 'dhcpv6.client_fqdn'])}

# ---------------------------------------------------------------- what tshark does not dissect: texts by their form


def plain_payloads(p, payload):
    ports = [int(x) for x in p('tcp.srcport') + p('udp.srcport')]
    if 102 in ports:
        for order, firmware in re.findall(rb'1;(6ES7 [0-9A-Z-]+) ?;(V[\d.]+)', payload)[:1]:
            yield from (('s7comm_plus', 'vendor', 'Siemens'), ('s7comm_plus', 'model', order.decode()), ('s7comm_plus', 'firmware',
                firmware.decode()))
        for order, serial, hardware, a, b, c, d in re.findall(rb'\x00\x20\x00\x38[\x01]\x00\x00\x2a(.{20})(.{16})(..)(.)(.)(.)(.)', payload,
                re.S):
            yield from (('s7comm_plus', 'vendor', 'Siemens'), ('s7comm_plus', 'model', order.decode('latin1')), ('s7comm_plus', 'serial', serial.decode('latin1')),
                ('s7comm_plus', 'hardware', str(hardware[0] << 8 | hardware[1])),
                ('s7comm_plus', 'firmware', '%s%d.%d.%d' % (a.decode('latin1'), b[0], c[0], d[0])))
    if 502 in ports and len(payload) > 9 and payload[7] == 17:
        # a number and whether it runs stand before the text, or the latter behind it
        text = re.search(rb'[ -~]{2,}(?=[\0\xff]?$)', payload[9:9 + payload[8]])
        yield 'modbus', 'server_id', text and text.group().decode()
    if 502 in ports and len(payload) > 33 and payload[7] == 90 and payload[9] == 0xfe and 33 + payload[32] <= len(payload):
        text = payload[33:33 + payload[32]]
        if re.fullmatch(rb'(140 ?CPU|BM[EXH]|TSX|171 ?CB|TM[A-Z0-9]{2})[ -~]*', text):
            yield 'modbus', 'model', text.decode()
            yield 'modbus', 'vendor', 'Schneider Electric'
    if 5562 in ports or 5561 in ports or 5560 in ports or 5001 in ports or 5007 in ports:
        for model in re.findall(rb'FX[0-9]U[A-Z]*-[0-9A-Z]+/[A-Z]+|[QLR]\d{2}[A-Z]*CPU', payload)[:1]:
            yield 'melsoft', 'model', model.decode()


PAYLOADS = ('(tcp.srcport == 102 && (tcp.payload contains "6ES7" || tcp.payload contains "1;")) || (tcp.srcport == 502 && (modbus.func_code '
    '== 17 || modbus.func_code == 90)) || (udp.srcport in {5560,5561,5562,5001,5007} && udp.payload contains "FX")')

# ---------------------------------------------------------------- words that tshark has: SNMP's system group, makers' names

SYSTEM_GROUP = {'1.3.6.1.2.1.1.1.0': 'description', '1.3.6.1.2.1.1.4.0': 'contact', '1.3.6.1.2.1.1.5.0': 'hostname',
    '1.3.6.1.2.1.1.6.0': 'location'}


def pdml(path, what):
    text = tshark(path, '-Y', what, '-T', 'pdml')
    if '<packet' not in text:
        return []
    text = re.sub('[^\t\n\r -\ud7ff\ue000-\ufffd]', ' ', text)
    try:
        return xml.etree.ElementTree.fromstring(text.encode()).findall('packet')
    except xml.etree.ElementTree.ParseError:
        return []


def shown(packet, name):
    return [f.get('show') for f in packet.iter('field') if f.get('name') == name]


def snmp(path):
    for packet in pdml(path, 'snmp.get_response_element || snmp.data == 2'):
        for pair in packet.iter('field'):
            names = [f.get('show') for f in pair.findall('field') if f.get('name') == 'snmp.name']
            values = [f.get('value') for f in pair.findall('field') if f.get('name') == 'snmp.value.octets']
            if names and values and values[0] and names[0] in SYSTEM_GROUP and shown(packet, 'ip.src'):
                yield shown(packet, 'ip.src')[0], 'snmp', SYSTEM_GROUP[names[0]], bytes.fromhex(values[0]).decode('utf-8', 'replace')


def makers(path):
    for packet in pdml(path, 'cip.id.vendor_id || enip.lir.vendor'):
        for field in packet.iter('field'):
            for name, source, key in (('cip.id.vendor_id', 'cip', 'vendor'), ('cip.id.device_type', 'cip', 'device_type'),
                    ('enip.lir.vendor', 'enip', 'vendor'), ('enip.lir.devtype', 'enip', 'device_type')):
                m = field.get('name') == name and re.match(r'[^:]*: (.*) \((?:0x[0-9a-f]+|\d+)\)$', field.get('showname') or '')
                if m and len(shown(packet, 'ip.src')) == 1:
                    yield shown(packet, 'ip.src')[0], source, key, m.group(1)


# ---------------------------------------------------------------- BACnet: what a device object says, in the words of tshark's tree

PROPERTIES = {'model-name': 'model', 'firmware-revision': 'firmware', 'application-software-version': 'application_software', 'location': 'location',
    'description': 'description', 'serial-number': 'serial', 'vendor-name': 'vendor'}


def bacnet_makers():
    rows = (line.split('\t') for line in subprocess.run(['tshark', '-G', 'values'], capture_output=True, text=True, timeout=60).stdout.split('\n'))
    return {int(r[2], 0): r[3] for r in rows if r[:2] == ['V', 'bacapp.vendor_identifier']}


def station_of(sadr):
    """A number on MS/TP; address and port where the network behind is BACnet/IP."""
    octets = [int(x, 16) for x in sadr.split(':')] if ':' in sadr else []
    return '%d.%d.%d.%d:%d' % (*octets[:4], octets[4] << 8 | octets[5]) if len(octets) == 6 and sadr[12:16] == 'ba:c' else sadr


def bacnet(path):
    """Of each message: who says it (a router's word for a station behind it, a forwarder's for another), then the device objects in it."""
    names = {}
    for frame in tshark(path, '-Y', 'bacapp', '-O', 'eth,bvlc,bacnet,bacapp').split('\nFrame '):
        whole = lambda pattern: re.findall(pattern, frame, re.M)
        senders = whole(r'^Internet Protocol Version [46], Src: ([^,]+),') or whole(r'^    Source: (\S+)')
        origin = whole(r'^    IP: (\S+)')
        if len(senders) != 1 and not origin:
            continue
        net, station = whole(r'^    Source Network Address: (\d+)'), whole(r'^    SADR: (\S+)')
        who, sub = (origin or senders)[0], '%s:%s' % (net[0], station_of(station[0])) if net and station else ''
        if whole(r'Unconfirmed Service Choice: i-Am '):
            yield from ((who, sub, 'bacnet', 'device_instance', n) for n in whole(r'^    ObjectIdentifier: device, (\d+)'))
            yield from ((who, sub, 'bacnet', 'vendor', name) for name in whole(r'^    Vendor ID: (.*) \(\d+\)$'))
        if whole(r'Unconfirmed Service Choice: i-Have '):
            objects = whole(r'^    ObjectIdentifier: ([a-z-]+), (\d+)')
            yield from ((who, sub, 'bacnet', 'device_instance', n) for kind, n in objects[:1] if kind == 'device')
            yield from ((who, sub, 'bacnet', 'hostname', name) for name in whole(r'^ +Object Name: (.*)') if objects[1:] and objects[1][0] == 'device')
        if whole(r'APDU Type: Complex-ACK '):
            names = names or bacnet_makers()
            yield from ((who, sub, 'bacnet', *row) for row in device_object(frame, names))


def device_object(frame, names):
    """Properties of device objects in an answer to readProperty(Multiple)."""
    of_device, wanted = False, ''
    for line in frame.split('\n'):
        m = re.match(r'\s+(?:(ObjectIdentifier): ([a-z-]+), (\d+)|Property Identifier: ([a-z-]+) \(\d+\)|([A-Za-z -]+): (.*))$', line)
        if not m:
            continue
        _, kind, instance, property, name, value = m.groups()
        if kind and wanted == 'object-identifier' and of_device:
            yield 'device_instance', instance
        elif kind:
            of_device, wanted = kind == 'device', ''
        elif property:
            wanted = property
        elif of_device and wanted == 'object-name' and name == 'Object Name':
            yield 'hostname', value
        elif of_device and name == wanted and name in PROPERTIES:
            text = re.match(r"[^']*'(.*)'$", value)
            yield PROPERTIES[name], text and text.group(1)
        elif of_device and name == wanted == 'vendor-identifier':
            yield 'vendor', names.get(int(value.split()[-1]))


# ---------------------------------------------------------------- all of them

BASE = ['frame.protocols', 'eth.src', 'ip.src', 'ipv6.src', 'tcp.srcport', 'udp.srcport', 'tcp.payload', 'udp.payload', 'mbtcp.unit_id']


def packets(path):
    fields = list(dict.fromkeys(BASE + [f for _, f, _, _, _ in PLAIN] + [f for row in SEVERAL for f in row[2]] + [f for row in OTHERS.values()
        for f in row[1]]))
    fields = [f for f in fields if f in packets.fields]
    wanted = sorted({f for _, f, _, _, _ in PLAIN if f in packets.fields} | {row[0] for row in SEVERAL} | set(OTHERS)) + [PAYLOADS]
    out = tshark(path, '-Y', ' || '.join('(%s)' % w for w in wanted), '-T', 'fields', '-E', 'separator=\x1e', '-E', 'occurrence=a', '-E',
        'aggregator=\x1f', *(x for f in fields for x in ('-e', f)))
    for line in out.split('\n'):
        if line:
            row = dict(zip(fields, (v.split('\x1f') if v else [] for v in line.split('\x1e'))))
            yield lambda field, row=row: row.get(field, [])


packets.fields = set()


def of_packet(p):
    layers = p('frame.protocols')[0].split(':')
    sender = (p('ip.src') or p('ipv6.src') or p('eth.src') or [''])
    # what an error message quotes, and what a tunnel carries, has several
    if 'icmp' in layers or 'icmpv6' in layers:
        return
    for layer, (read, _) in OTHERS.items():
        if layer in layers:
            yield from ((who, '', source, key, value) for who, source, key, value in read(p))
    if len(sender) != 1:
        return
    for _, field, source, key, how in PLAIN:
        yield from ((sender[0], '', source, key, how(v) if how else v) for v in p(field))
    for read in dict.fromkeys(LAYER[x] for x in layers if x in LAYER):
        if read is http and 'ssdp' in layers:
            continue
        yield from ((sender[0], '', *row) for row in read(p))
    payload = bytes.fromhex((p('tcp.payload') or p('udp.payload') or [''])[0].replace(':', ''))
    yield from ((sender[0], '', *row) for row in plain_payloads(p, payload))


def clean(value):
    return (value or '').strip(' \0\r\n')


def truth(path):
    rows = set()
    for p in packets(path):
        rows.update(of_packet(p))
    rows.update((who, '', source, key, value) for who, source, key, value in list(snmp(path)) + list(makers(path)))
    rows.update(bacnet(path))
    return sorted({r[:4] + (clean(r[4]),) for r in rows if r[2] and clean(r[4]) and not re.search(r'[\n\t]', clean(r[4]))})


def write(paths, only_these):
    packets.fields = {f for line in subprocess.run(['tshark', '-G', 'fields'], capture_output=True, text=True,
        timeout=60).stdout.split('\n') for f in line.split('\t')[2:3]}
    names = {os.path.relpath(path, REAL if path.startswith(REAL) else ROOT): path for path in paths}
    kept = [line for line in open(TABLE) if not line.startswith('#') and line.split('\t')[0] not in names] if only_these else []
    lines = kept + ['\t'.join((name,) + row) + '\n' for name, path in names.items() for row in truth(path)]
    with open(TABLE, 'w') as f:
        f.write('# What devices say of themselves, as tshark reads it: tools/compare/identities.py --write\n')
        f.write('# capture	address	sub	source	key	value\n')
        f.writelines(sorted(lines) if only_these else lines)


if __name__ == '__main__' and sys.argv[1:2] == ['--write']:
    found = sys.argv[2:] or sorted(glob.glob(os.path.join(ROOT, 'testdata', 'captures', '*.pcap*')) + glob.glob(os.path.join(PCAPS, '*', '*')))
    write([os.path.realpath(f) for f in found if os.path.isfile(f) and re.search(r'\.(pcap|pcapng|cap)$', f)], len(sys.argv) > 2)


# ---------------------------------------------------------------- beside the inventory

# what must be told by packets that tshark reads the same way: nothing more is said
BOTH_WAYS = {(s, k) for s, keys in {
    's7comm': 'station_name module_name plant serial model memory_card_serial order_number hardware firmware boot_loader',
    's7comm_plus': 'vendor model serial firmware hardware', 'cip': 'model serial firmware product_code vendor device_type',
    'enip': 'model serial firmware vendor device_type', 'modbus': 'vendor model firmware product model_name application server_id',
    'melsoft': 'model', 'dhcp': 'vendor_class dhcp_fingerprint', 'nbdgm': 'description', 'ntlm': 'hostname fqdn', 'rdp': 'hostname',
    'rfb': 'desktop_name', 'mqtt': 'mqtt_client_id', 'ssh': 'software', 'snmp': 'description contact hostname location',
    'lldp': 'hostname description serial', 'cdp': 'model', 'fins': 'firmware',
    'mms': 'vendor model firmware', 'bacnet': 'device_instance vendor model firmware application_software location description hostname serial',
    'profinet_dcp': 'station_name model vendor_id device_id', 'ssdp': 'user_agent'}.items() for k in keys.split()}
SHOWN = ('vendor', 'model', 'order_number', 'serial', 'firmware', 'hardware')


def asked(path, *what):
    out = subprocess.run([OTOSCOPE, 'inventory', *what, '--json', '-q', '-r', path], capture_output=True, timeout=300).stdout
    return [json.loads(line) for line in out.decode('utf-8', 'replace').splitlines() if line.startswith('{')]


def table():
    by_capture = {}
    for line in open(TABLE):
        if not line.startswith('#'):
            capture, *row = line.rstrip('\n').split('\t')
            by_capture.setdefault(capture, []).append(tuple(row))
    return by_capture


def known():
    """capture, kind, address, source, key, value -> why"""
    rows = {}
    for line in open(KNOWN) if os.path.exists(KNOWN) else ():
        if line.strip() and not line.startswith('#'):
            *what, why = line.rstrip('\n').split('\t')
            rows[tuple(what)] = why
    return rows


def differences(path, rows):
    full, facts = asked(path, 'full'), asked(path, 'facts')
    owners = {}
    for r in full:
        for a in r.get('addresses', []) + r.get('macs', []) if 'sub' not in r else []:
            owners.setdefault(a, set()).add(r['id'])

    def who(address):
        return owners.get(address, set()) | {address}
    said = {(whom, sub, f['source'], f['key'], f['value'].strip()) for f in facts for whom in (f.get('id'), f.get('ip'), f.get('mac')) if whom
        for sub in ('', f.get('sub', ''))}
    truth_of = {(whom, source, key, value) for address, _, source, key, value in rows for whom in who(address)}
    for address, sub, source, key, value in rows:
        if not any((whom, sub, source, key, value) in said for whom in who(address)):
            yield 'not told', address, source, key, value
    for f in facts:
        of = {w for a in (f.get('ip'), f.get('mac')) if a for w in who(a)} | {f.get('id')}
        if (f['source'], f['key']) in BOTH_WAYS and not any((w, f['source'], f['key'], f['value'].strip()) in truth_of for w in of):
            yield 'told alone', f.get('ip', f.get('mac')), f['source'], f['key'], f['value'].strip()
    for address, sub in sorted({r[:2] for r in rows if r[2] in OT}):
        of = [r for r in full if r['id'].split('/')[0] in who(address) or r.get('ip') == address]
        of = [r for r in of if not sub or r.get('sub') == sub] or of
        for key in SHOWN:
            values = {r[4] for r in rows if who(r[0]) & who(address) and r[1:4:2] == (sub, key) and r[2] in OT}
            shown_values = {r[key] for r in of if key in r}
            if values and not values & shown_values:
                yield 'not shown', address, '', key, ', '.join(sorted(values)) + ' but ' + (', '.join(sorted(shown_values)) or 'nothing')


def check(only):
    t, reasons = Tap(), known()
    for capture, rows in sorted(table().items()):
        path = os.path.join(ROOT if capture.startswith('testdata/') else PCAPS, capture)
        if only and not any(o in path for o in only):
            continue
        if not os.path.exists(path):
            t.skip(capture, 'the capture is not here')
            continue
        found = list(dict.fromkeys(differences(path, rows)))
        left = ['\t'.join((capture,) + d) for d in found if (capture,) + d not in reasons]
        t.ok(not left, '%s: %d values of %d devices' % (capture, len(rows), len({r[0] for r in rows})), '\n'.join(left))
    stale = [k for k in reasons if not os.path.exists(os.path.join(ROOT if k[0].startswith('testdata/') else PCAPS, k[0]))]
    t.ok(not stale or not os.path.isdir(PCAPS), 'known differences are of captures that exist', stale)
    t.finish()


if __name__ == '__main__' and sys.argv[1:2] == ['--check']:
    check(sys.argv[2:])
