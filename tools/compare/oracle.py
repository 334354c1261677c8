#!/usr/bin/env python3
"""oracle.py - compares what Otoscope counts with what tshark counted on the same captures.

    oracle.py [--binary OTOSCOPE] [--shared DIR] [--protocol NAME,..] [--update] [--jobs N] [CAPTURE...]

DIR/oracle holds a table of counts for every capture of DIR/pcaps. Each capture is replayed with duplicates kept, as tshark keeps them, and the
rows of our logs are brought into the oracle's own keys, so that two counters can be compared. What differs and is understood stands in
known-differences.tsv beside this file (protocol, capture, key, reason, ours, theirs); the comparison fails when anything else differs, and when
a known difference is gone. --update writes what was found into that table and keeps the reasons it has; a row whose reason is "?" is not
understood and fails too. CAPTURE limits the run to captures whose name contains one of the words.

What is compared:
    tcp, udp  frames of each pair of endpoints, from conn.log (zeek_conn.py looks at directions)
    modbus    PDUs by sender, receiver, unit, function and kind
    snmp      messages by sender, receiver and PDU
    kerberos  messages by sender, receiver and type
    dns       queries by client, server, name and type (DNS, mDNS and LLMNR alike)
    arp       messages by operation, sender's MAC and address, target address
    ndp       neighbour solicitations by source and target, advertisements by target
    cotp      TPDUs by sender, receiver and type
    omron     FINS commands by sender, receiver and command code
    ams       ADS commands by sender, receiver and command
    dhcp      messages by sender, type, the client's MAC and host name
    dhcpv6    messages by sender, type, name, options wanted and vendor class
    ntp       messages by sender, receiver, mode and version
    syslog    messages by sender, receiver, facility and severity
    ssdp      messages by sender, receiver, kind and agent
    nbdgm     datagrams by sender and type
    browser   messages by sender, command, name and version
    enip      encapsulation messages by sender, receiver, command, status and direction; enip_identity: answers to List Identity
    cip       services by sender, receiver, code and direction; cip_io: I/O packets by sender and receiver
    iec104    APDUs by sender, receiver, format and function; iec104_asdu: ASDUs by type, cause, common address and refusal
    and the protocols of oracle_it.py and oracle_ethernet.py
    s7comm    frames by sender, receiver and what the first PDU of each kind in them says: ROSCTR, function, error class, user data, SZL
              (where bytes are lost the oracle counts nothing behind them; tshark_s7comm.py compares PDU by PDU with a tshark that goes on)
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile

import oracle_ethernet
import oracle_it

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
KNOWN = os.path.join(HERE, 'known-differences.tsv')
HEAD = 'protocol\tcapture\tkey\treason\tours\ttheirs'


# ---------------------------------------------------------------------------------------------- theirs

def pair_key(a, pa, b, pb):
    return '%s:%s - %s:%s' % (min((a, int(pa)), (b, int(pb))) + max((a, int(pa)), (b, int(pb))))


def their_pairs(counts, row):
    counts[pair_key(row['a'], row['pa'], row['b'], row['pb'])] += int(row['frames_ab']) + int(row['frames_ba'])


def their_modbus(counts, row):
    counts[modbus_key(row['src'], row['dst'], row.get('unit', ''), row.get('func', ''), row['kind'])] += row['count']


def their_dns(counts, row):
    if row.get('resp') in ('0', 'False') and row.get('qname'):
        counts[dns_key(row['src'], row['dst'], row['qname'], row['qtype'])] += row['count']


def their_arp(counts, row):
    if row['op'] in ('1', '2'):
        counts[arp_key(row['op'], row['smac'], row.get('sip', ''), row.get('dip', ''))] += row['count']


def their_ndp(counts, row):
    if row['type'] == '135':
        counts['solicitation %s ? %s' % (row['src'], row['target'])] += row['count']
    elif row['type'] == '136':
        counts['advertisement of %s' % row['target']] += row['count']


def their_cotp(counts, row):
    counts['%s > %s type %d' % (row['src'], row['dst'], int(row['type'], 16))] += row['count']


def their_omron(counts, row):
    if 'command' in row:
        counts['%s > %s %s' % (row['src'], row['dst'], row['command'])] += row['count']


def their_ams(counts, row):
    counts['%s > %s %s' % (row['src'], row['dst'], row['cmdid'])] += row['count']


CONNECTION_MANAGER = (0x4e, 0x54, 0x56, 0x57, 0x5a, 0x5b)


def their_enip(counts, row):
    counts[enip_key(row['src'], row['dst'], row['command'], row['status'], row['dir'])] += row['count']


def their_identity(counts, row):
    counts['%s vendor %d type %d product %d %s' % (row['src'], int(row['vendor'], 16), int(row['devtype']), int(row['product']),
                                                   row['name'])] += row['count']


def their_cip(counts, row):
    # tshark shows the header of a service of the Connection Manager twice: once without its code where others are in the frame, else doubled.
    if 'service' in row:
        service = int(row['service'], 16)
        twice = row.get('cls') == '0x06' and service in CONNECTION_MANAGER
        counts[cip_key(row['src'], row['dst'], service, row['resp'] == '0x01')] += row['count'] // (2 if twice else 1)


def their_io(counts, row):
    counts['%s > %s' % (row['src'], row['dst'])] += row['count']


def their_dhcp(counts, row):
    if row.get('msg'):  # else BOOTP, or malformed; a MAC of zeros, or a group's, is none
        mac = row.get('mac', '')
        counts[key_of(row['src'], row['msg'], mac.strip('0:') and int(mac[:2], 16) % 2 == 0 and mac, row.get('host'))] += row['count']


def their_dhcpv6(counts, row):
    # A relay's envelope counts as the message in it here.
    if row.get('msg') not in ('12', '13'):
        counts[key_of(row['src'], row.get('msg'), row.get('fqdn', '').rstrip('.'), row.get('oro'), row.get('vclass'))] += row['count']


def their_ntp(counts, row):
    counts[key_of(row['src'], row['dst'], row.get('flags_mode'), row.get('flags_vn'))] += row['count']


def their_syslog(counts, row):
    counts[key_of(row['src'], row['dst'], row.get('facility'), row.get('level'))] += row['count']


def their_ssdp(counts, row):
    counts[key_of(row['src'], row['dst'], row.get('method', row.get('code')), row.get('ua', row.get('server')))] += row['count']


def their_nbdgm(counts, row):
    if '.' in row['src']:  # NetBIOS over LLC has no addresses
        counts[key_of(row['src'], row.get('type'))] += row['count']


def their_browser(counts, row):
    if '.' in row['src'] and row.get('cmd'):
        counts[key_of(row['src'], int(row['cmd'], 16), row.get('server'), row.get('os'))] += row['count']


def their_snmp(counts, row):
    if row.get('data'):  # else encrypted
        counts[key_of(row['src'], row['dst'], row['data'])] += row['count']


def their_kerberos(counts, row):
    if row['msg_type'] not in ('14', '15'):  # tshark counts those inside other messages, too
        counts[key_of(row['src'], row['dst'], row['msg_type'])] += row['count']


def key_of(*parts):
    return ' '.join(str(part or '-') for part in parts)


# ---------------------------------------------------------------------------------------------- ours

def our_key(counts, row):
    counts[row['key']] += 1


def our_pairs(transport):
    def count(counts, row):
        if row['proto'] == transport and not row.get('tunnel_parents'):
            counts[pair_key(row['id.orig_h'], row['id.orig_p'], row['id.resp_h'], row['id.resp_p'])] += row['orig_pkts'] + row['resp_pkts']
    return count


def ends(row):
    """Sender and receiver of a row with is_orig."""
    orig, resp = row['id.orig_h'], row['id.resp_h']
    return (orig, resp) if row.get('is_orig') else (resp, orig)


def modbus_key(src, dst, unit, func, kind):
    return '%s > %s unit %s function %s %s' % (src, dst, unit, func, kind)


def modbus_functions():
    """The analyzer's own table, name to number."""
    with open(os.path.join(ROOT, 'analyzers/modbus/modbus_tables.c')) as source:
        return {name: number for number, name in re.findall(r'^\s*X\((\d+), (\w+),', source.read(), re.M)}


FUNCTIONS = modbus_functions()


def our_modbus(counts, row):
    src, dst = ends(row)
    name = row.get('func', '')
    func = FUNCTIONS.get(name) or name.replace('unknown-', '')
    kind = 'exc' if 'exception' in row else row['pdu_type'].lower()
    counts[modbus_key(src, dst, row.get('unit', ''), func, kind)] += row['number']


def dns_key(client, server, name, qtype):
    # Names that are no names: both print them as they please.
    return '%s > %s %s type %s' % (client, server, re.sub(r'[^\x21-\x7e]|\\x..', '?', name.lower()), qtype)


def our_dns(counts, row):
    counts[dns_key(row['src'], row['dst'], row['name'] or '<Root>', row['qtype'])] += 1


def arp_key(op, mac, sender, target):
    return 'op %s %s %s ? %s' % (op, mac, sender, target)


def our_arp(counts, row):
    if row['op'] == 'request':
        counts[arp_key('1', row.get('orig_mac', ''), row.get('orig_ip', ''), row.get('resp_ip', ''))] += row['pkts']
    else:
        counts[arp_key('2', row.get('resp_mac', ''), row.get('resp_ip', ''), row.get('orig_ip', ''))] += row['pkts']


def our_ndp(counts, row):
    if 'who_has' in row:
        counts['solicitation %s ? %s' % (row.get('orig_ip', '-'), row['who_has'])] += row['pkts']
    else:
        counts['advertisement of %s' % row['resp_ip']] += row['pkts']


def our_cotp(counts, row):
    counts['%s > %s type %d' % (row['src'], row['dst'], row['code'])] += row['number']


def our_omron(counts, row):
    counts['%s > %s 0x%04x' % (row['src'], row['dst'], row['code'])] += 1


def our_ams(counts, row):
    counts['%s > %s %d' % (row['src'], row['dst'], row['code'])] += 1


def enip_key(src, dst, command, status, direction):
    return '%s > %s command 0x%04x status 0x%x %s' % (src, dst, int(command, 16), int(status, 16), direction)


def our_enip(counts, row):
    counts[enip_key(row['src'], row['dst'], hex(row['command']), hex(row['status']), row['dir'])] += 1


def our_identity(counts, row):
    counts['%s vendor %d type %d product %d %s' % (row['src'], row['vendor'], row['devtype'], row['product'], row['name'])] += 1


def cip_key(src, dst, service, response):
    return '%s > %s service 0x%02x %s' % (src, dst, service, 'response' if response else 'request')


def our_cip(counts, row):
    counts[cip_key(row['src'], row['dst'], row['service'], row['response'])] += 1


def our_io(counts, row):
    counts['%s > %s' % (row['source_h'], row['destination_h'])] += row['number']


S7_FIELDS = ('rosctr', 'func', 'errcls', 'ugroup', 'utype', 'szl')


def s7_key(src, dst, row):
    return '%s > %s %s' % (src, dst, ' '.join('%s=%s' % (name, row[name]) for name in S7_FIELDS if row.get(name)))


def their_s7comm(counts, row):
    counts[s7_key(row['src'], row['dst'], row)] += row['count']


def s7_frames(rows):
    """One row a frame and sender: of each field what came first in it, as the oracle has it. (What follows lost bytes is read when the other
    side's packet makes the loss certain.)"""
    frames = {}
    for row in rows:
        frame = frames.setdefault((row['frame'], row['src']), {'src': row['src'], 'dst': row['dst']})
        for name in S7_FIELDS:
            frame[name] = frame.get(name) or row.get(name)
    return frames.values()


def our_s7comm(counts, row):
    counts[s7_key(row['src'], row['dst'], row)] += 1


def iec104_key(src, dst, *parts):
    return '%s > %s %s' % (src, dst, ' '.join('-' if part is None else str(part) for part in parts))


def their_iec104(counts, row):
    kind = int(row['type'], 16)
    counts[iec104_key(row['src'], row['dst'], 'ISIU'[kind & 3], int(row['utype'], 16) if 'utype' in row else None)] += row['count']


def their_asdu(counts, row):
    counts[iec104_key(row['src'], row['dst'], row['typeid'], row['causetx'], row['addr'], row['nega'])] += row['count']


def our_iec104(counts, row):
    counts[iec104_key(row['src'], row['dst'], row['format'], row.get('func'))] += 1


def our_asdu(counts, row):
    counts[iec104_key(row['src'], row['dst'], row['type'], row['cause'], row['addr'], row['negative'])] += 1


# Where our logs count otherwise (dns.log has a row a message, as Zeek's) or print words for numbers, a script writes what the oracle counts.
SCRIPT = '''
local function text(name) return { name, "string", name } end
local function number(name) return { name, "u32", name } end
local function sender(e) if e.is_orig then return tostring(e.orig_h), tostring(e.resp_h) end return tostring(e.resp_h), tostring(e.orig_h) end

local questions = log.new { name = "questions", columns = { text "src", text "dst", text "name", number "qtype" } }
on("dns.query", "service != 'nbns'", function(e)
	local src, dst = sender(e)
	questions:write { src = src, dst = dst, name = e.query, qtype = e:raw("qtype") }
end)

local commands = log.new { name = "commands", columns = { text "src", text "dst", number "code" } }
on("fins.message", function(e)
	local src, dst = sender(e)
	commands:write { src = src, dst = dst, code = e:raw("command_code") }
end)

local ams = log.new { name = "ams", columns = { text "src", text "dst", number "code" } }
on("ads.message", "command", function(e)
	local src, dst = sender(e)
	ams:write { src = src, dst = dst, code = e:raw("command") }
end)

local tpdus = log.new { name = "tpdus", columns = { text "src", text "dst", number "code" }, key = { "src", "dst", "code" } }
on("cotp.pdu", function(e)
	local src, dst = sender(e)
	tpdus:write { src = src, dst = dst, code = e:raw("pdu_code") }
end)

local s7 = log.new { name = "s7", columns = { { "frame", "u64", "frame" }, text "src", text "dst", text "rosctr", text "func", text "errcls",
	text "ugroup", text "utype", text "szl" } }
local function hex(n) return n and ("0x%02x"):format(n) or nil end
on("s7comm.message", function(e)
	local src, dst = sender(e)
	local row = { frame = e.packet, src = src, dst = dst, rosctr = tostring(e.rosctr_code) }
	if e.rosctr_code == 7 then
		row.ugroup, row.utype = tostring(e.function_code & 15), tostring(e.function_code >> 4)
	else
		row.func = hex(e.function_code)
		if e.rosctr_code ~= 1 then row.errcls = hex(e:raw("error") >> 8) end
	end
	s7:write(row)
end)
on("s7comm.szl", function(e)
	if e.method == "Response" and e.return_code_name ~= "Success" then return end -- a refusal names no list: it has that of its request
	local src, dst = sender(e)
	s7:write { frame = e.packet, src = src, dst = dst, szl = ("0x%04x"):format(e:raw("szl_id")) }
end)

local telecontrol = log.new { name = "telecontrol", columns = { text "src", text "dst", text "format", number "func" } }
local asdus = log.new { name = "asdus", columns = { text "src", text "dst", number "type", number "cause", number "addr", number "negative" } }
on("iec104.apdu", function(e)
	local src, dst = sender(e)
	telecontrol:write { src = src, dst = dst, format = e.apci_type, func = e.u_function and e:raw("u_function") >> 2 }
	if not e.type_id then return end
	asdus:write { src = src, dst = dst, type = e:raw("type_id"), cause = e:raw("cause_tx"), addr = e.common_address,
		negative = e.negative and 1 or 0 }
end)

local encapsulations = log.new { name = "encapsulations", columns = { text "src", text "dst", number "command", number "status", text "dir" } }
on("enip.message", function(e)
	encapsulations:write { src = tostring(e.source_h), dst = tostring(e.destination_h), command = e:raw("enip_command"),
		status = e:raw("enip_status"), dir = e.destination_p == 44818 and "req" or "resp" }
end)

local identities = log.new { name = "identities", columns = { text "src", number "vendor", number "devtype", number "product", text "name" } }
on("enip.identity", function(e)
	identities:write { src = tostring(e.source_h), vendor = e.vendor_id, devtype = e.device_type_id, product = e.product_code,
		name = e.product_name }
end)

-- Datagrams: one log a protocol, whose only column is the oracle's key.
local function counted(name, event, ...)
	local keys, condition, parts = log.new { name = name, columns = { text "key" } }, ...
	if not parts then condition, parts = nil, condition end
	local function write(e)
		local list = table.pack(parts(e, sender(e)))
		for i = 1, list.n do list[i] = list[i] and list[i] ~= "" and tostring(list[i]) or "-" end
		keys:write { key = table.concat(list, " ") }
	end
	if condition then on(event, condition, write) else on(event, write) end
end
counted("keys_dhcp", "dhcp.message", "msg_type", function(e, src) return src, e:raw("msg_type"), e.client_mac, e.hostname end)
counted("keys_dhcpv6", "dhcpv6.message", "relays == 0", function(e, src)
	local wanted = {}
	for i, n in ipairs(e.option_request_list or {}) do wanted[i] = n end
	return src, e:raw("msg_type"), e.hostname, table.concat(wanted, ","), e.vendor_class
end)
local ntp = log.new { name = "keys_ntp", columns = { text "key" } }
local function time(e, mode)
	local src, dst = sender(e)
	ntp:write { key = ("%s %s %d %d"):format(src, dst, mode, e.version) }
end
on("ntp.message", function(e) time(e, e.mode) end)
on("ntp.control", function(e) time(e, 6) end)
on("ntp.private", function(e) time(e, 7) end)
counted("keys_syslog", "syslog.message", "facility != 999", function(e, src, dst) return src, dst, e:raw("facility"), e:raw("severity") end)
counted("keys_ssdp", "ssdp.message", function(e, src, dst)
	return src, dst, ({ "NOTIFY", "M-SEARCH", "200" })[e:raw("method")], e.server_or_user_agent
end)
counted("keys_snmp", "snmp.pdu", "pdu_type != encrypted and pdu_type != unknown", function(e, src, dst)
	return src, dst, e:raw("pdu_type") - 160
end)
counted("keys_kerberos", "kerberos.message", "message != 'AP-REQ' and message != 'AP-REP'", function(e, src, dst) return src, dst, e:raw("message") end)
counted("keys_nbdgm", "nbdgm.datagram", function(e, src) return src, e:raw("type") end)
counted("keys_browser", "nbdgm.browser", function(e, src)
	return src, e:raw("command"), e.group or ((e.os_version or e:raw("command") == 8) and e.server_name), e.os_version
end)

local services = log.new { name = "services", columns = { text "src", text "dst", number "service", { "response", "bool", "response" } } }
on("cip.message", function(e)
	services:write { src = tostring(e.source_h), dst = tostring(e.destination_h), service = e.cip_service_code,
		response = e.direction == "response" }
end)
'''

# Logs whose rows are put together before they are counted.
TOGETHER = {'s7': s7_frames}

# protocol: sections of the oracle, what reads them, our log, what reads that
PROTOCOLS = {
    'tcp': (('conv.tcp',), their_pairs, 'conn', our_pairs('tcp')),
    'udp': (('conv.udp',), their_pairs, 'conn', our_pairs('udp')),
    'modbus': (('modbus',), their_modbus, 'modbus', our_modbus),
    'dns': (('dns', 'mdns', 'llmnr'), their_dns, 'questions', our_dns),
    'arp': (('arp',), their_arp, 'arp', our_arp),
    'ndp': (('ndp',), their_ndp, 'ns', our_ndp),
    'cotp': (('cotp',), their_cotp, 'tpdus', our_cotp),
    'omron': (('omron',), their_omron, 'commands', our_omron),
    'ams': (('ams',), their_ams, 'ams', our_ams),
    'enip': (('enip',), their_enip, 'encapsulations', our_enip),
    'enip_identity': (('enip.identity',), their_identity, 'identities', our_identity),
    'cip': (('cip',), their_cip, 'services', our_cip),
    'cip_io': (('cip.io',), their_io, 'cip_io', our_io),
    'iec104': (('iec60870_104',), their_iec104, 'telecontrol', our_iec104),
    'iec104_asdu': (('iec60870_asdu',), their_asdu, 'asdus', our_asdu),
    's7comm': (('s7comm',), their_s7comm, 's7', our_s7comm),
    'dhcp': (('dhcp',), their_dhcp, 'keys_dhcp', our_key),
    'dhcpv6': (('dhcpv6',), their_dhcpv6, 'keys_dhcpv6', our_key),
    'ntp': (('ntp',), their_ntp, 'keys_ntp', our_key),
    'syslog': (('syslog',), their_syslog, 'keys_syslog', our_key),
    'ssdp': (('ssdp',), their_ssdp, 'keys_ssdp', our_key),
    'snmp': (('snmp',), their_snmp, 'keys_snmp', our_key),
    'kerberos': (('kerberos',), their_kerberos, 'keys_kerberos', our_key),
    'nbdgm': (('nbdgm',), their_nbdgm, 'keys_nbdgm', our_key),
    'browser': (('cifs_browser',), their_browser, 'keys_browser', our_key),
    **oracle_it.PROTOCOLS,
    **oracle_ethernet.PROTOCOLS,
}


# ---------------------------------------------------------------------------------------------- one capture

def read_oracle(path):
    """section: rows as dictionaries."""
    sections = collections.defaultdict(list)
    with open(path, encoding='utf-8', errors='replace') as table:
        for line in table:
            cells = line.rstrip('\n').split('\t')
            if line.startswith('#') or len(cells) < 3:
                continue
            row = dict(cell.split('=', 1) for cell in cells[2:] if '=' in cell)
            row['count'] = int(cells[1])
            sections[cells[0]].append(row)
    return sections


def read_log(folder, name):
    path = os.path.join(folder, name + '.log')
    if not os.path.exists(path):
        return []
    with open(path, encoding='utf-8', errors='replace') as log:
        return [json.loads(line) for line in log]


def compare(options, name):
    """{(protocol, capture, key): (ours, theirs)} of what differs, how many keys and how much of what is counted each protocol has, and a message if
    the program failed."""
    sections = read_oracle(os.path.join(options.shared, 'oracle', name + '.tsv'))
    differences, keys, counted = {}, collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        command = [options.binary, '-q', '--keep-duplicates', '--json', '--interval', '1d', '-l', folder,
                   '-e', SCRIPT + oracle_it.SCRIPT + oracle_ethernet.SCRIPT,
                   '-r', os.path.join(options.shared, 'pcaps', name)]
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, errors='replace')
        # 1: the capture is cut off, and what came before was read.
        if run.returncode not in (0, 1):
            return {}, keys, counted, '%s: exit code %d: %s' % (name, run.returncode, run.stderr[-2000:])
        for protocol in options.protocol:
            wanted, theirs, log, ours = PROTOCOLS[protocol]
            a, b = collections.Counter(), collections.Counter()
            for row in TOGETHER.get(log, list)(read_log(folder, log)):
                ours(a, row)
            for section in wanted:
                for row in oracle_it.PREPARE.get(section, list)(sections[section]):
                    theirs(b, row)
            keys[protocol] += len(a.keys() | b.keys())
            for key in a.keys() | b.keys():
                counted[protocol] += max(a[key], b[key])
                if a[key] != b[key]:
                    differences[protocol, name, key] = (a[key], b[key])
    return differences, keys, counted, ''


# ---------------------------------------------------------------------------------------------- the table

def read_known():
    known = {}
    if os.path.exists(KNOWN):
        with open(KNOWN, encoding='utf-8') as table:
            for line in list(table)[1:]:
                protocol, capture, key, reason, ours, theirs = line.rstrip('\n').split('\t')
                known[protocol, capture, key] = (reason, int(ours), int(theirs))
    return known


def write_known(found, known, in_scope):
    rows = {key: row for key, row in known.items() if not in_scope(key)}
    for key, (ours, theirs) in found.items():
        rows[key] = (known.get(key, ('?',))[0], ours, theirs)
    with open(KNOWN, 'w', encoding='utf-8') as table:
        print(HEAD, file=table)
        for (protocol, capture, key), (reason, ours, theirs) in sorted(rows.items()):
            print(protocol, capture, key, reason, ours, theirs, sep='\t', file=table)


def judge(found, known, in_scope):
    """Lines about what the table does not say, or says wrongly."""
    lines = []
    for key in sorted(found.keys() | {k for k in known if in_scope(k)}):
        text = '%s %s: %s' % key
        if key not in known:
            lines.append('%s: ours %d, theirs %d' % ((text,) + found[key]))
        elif key not in found:
            lines.append('%s: no longer differs; take it out of the table' % text)
        elif found[key] != known[key][1:]:
            lines.append('%s: ours %d, theirs %d; the table says %d and %d' % ((text,) + found[key] + known[key][1:]))
        elif known[key][0] == '?':
            lines.append('%s: nobody has said why' % text)
    return lines


# ---------------------------------------------------------------------------------------------- main

def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--binary', default=os.environ.get('OTOSCOPE', os.path.join(ROOT, 'build', 'otoscope')))
    parser.add_argument('--shared', default=os.path.join(os.path.dirname(ROOT), 'shared'))
    parser.add_argument('--protocol', default=','.join(PROTOCOLS))
    parser.add_argument('--update', action='store_true')
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('captures', nargs='*', metavar='CAPTURE')
    options = parser.parse_args()
    options.protocol = options.protocol.split(',')
    return options


def main():
    options = arguments()
    base = os.path.join(options.shared, 'oracle')
    if not os.path.isdir(base):
        print('1..0 # SKIP there are no real captures: %s is not a folder' % base)
        return 0
    names = [os.path.relpath(os.path.join(d, f), base)[:-4] for d, _, files in os.walk(base) for f in files if f.endswith('.tsv') and d != base]
    names = sorted(n for n in names if not options.captures or any(word in n for word in options.captures))
    chosen = set(names)

    def in_scope(key):
        return key[0] in options.protocol and key[1] in chosen

    found, keys, counted, failed = {}, collections.Counter(), collections.Counter(), []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for differences, more, amount, message in pool.map(lambda name: compare(options, name), names):
            found.update(differences)
            keys.update(more)
            counted.update(amount)
            failed += [message] if message else []
    known = read_known()
    if options.update:
        write_known(found, known, in_scope)
        known = read_known()
    lines = failed + judge(found, known, in_scope)
    for protocol in options.protocol:
        mine = [line for line in lines if line.startswith(protocol + ' ')]
        differ = sum(1 for key in found if key[0] == protocol)
        apart = sum(abs(ours - theirs) for key, (ours, theirs) in found.items() if key[0] == protocol)
        print('%s %d - %s as tshark on %d captures: %d of %d counts equal (%.2f %%), %.2f %% of what is counted, %d differences explained' % (
            'not ok' if mine else 'ok', options.protocol.index(protocol) + 1, protocol, len(names), keys[protocol] - differ, keys[protocol],
            100 * (keys[protocol] - differ) / max(keys[protocol], 1), 100 * (1 - apart / max(counted[protocol], 1)), differ - len(mine)))
        for line in mine[:40]:
            print('#   ' + line)
        if len(mine) > 40:
            print('#   and %d more' % (len(mine) - 40))
    for line in failed:
        print('not ok %d - %s' % (len(options.protocol) + 1, line.replace('\n', '\n#   ')))
    print('1..%d' % (len(options.protocol) + len(failed)))
    return 1 if lines else 0


if __name__ == '__main__':
    sys.exit(main())
