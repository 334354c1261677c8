"""oracle_ethernet.py - for oracle.py: the protocols without IP. Ours are made by SCRIPT, a log a protocol that gives the oracle's key.

    lldp       frames by sender, name, description and port
    cdp        frames by sender, name, platform and port
    pn_dcp     messages by sender, receiver, service, type, name, address, maker and device number
    goose      messages by sender, receiver, application, control block, identifier and data set
    sv         sets of samples by sender, receiver, application and stream
    pn_rt      frames of PROFINET by sender, receiver and frame identifier
    ecat       datagrams of EtherCAT by sender, receiver and command
"""
import re


def plain(text):
    """Without what the two print differently: line ends, what is no ASCII, how long a text may be."""
    return re.sub(r'\\[nrt]|\\x[0-9a-f]{2}|[^\x21-\x7e]+', '?', (text or '').strip())[:120].strip('?') or '-'


def key_of(*parts):
    return ' '.join('-' if part in (None, '') else str(part) for part in parts)


def our_key(counts, row):
    counts[row['key']] += 1


def their_lldp(counts, row):
    if row.get('port_id') or row.get('tlv_system_name') or row.get('chassis_id_mac'):  # else nothing of it was understood
        counts[key_of(row['src'], plain(row.get('tlv_system_name')), plain(row.get('tlv_system_desc')))] += row['count']


def our_lldp(counts, row):
    counts[key_of(row['src'], plain(row.get('name')), plain(row.get('description')))] += 1


def their_cdp(counts, row):
    if row.get('deviceid'):
        counts[key_of(row['src'], plain(row['deviceid']), plain(row.get('platform')), plain(row.get('portid')))] += row['count']


def our_cdp(counts, row):
    counts[key_of(row['src'], plain(row.get('id')), plain(row.get('platform')), plain(row.get('port')))] += 1


def their_goose(counts, row):
    if not row.get('appid'):  # routable GOOSE
        return
    counts[key_of(row['src'], row['dst'], number(row['appid']), plain(row.get('gocbref')), plain(row.get('goid')),
                  plain(row.get('dataset')))] += row['count']


def our_goose(counts, row):
    counts[key_of(row['src'], row['dst'], row['appid'], plain(row.get('gocb')), plain(row.get('id')), plain(row.get('dataset')))] += 1


def their_sv(counts, row):
    counts[key_of(row['src'], row['dst'], number(row['appid']), plain(row['svid']))] += row['count']


def number(text):
    return str(int(text, 0)) if text else '-'


def their_dcp(counts, row):
    counts[key_of(row['src'], row['dst'], row['service'], row['type'], row.get('name'), row.get('ip'), number(row.get('vendor')),
                  number(row.get('device')))] += row['count']


def their_rt(counts, row):
    counts[key_of(row['src'], row['dst'], row['frame_id'])] += row['count']


def their_ecat(counts, row):
    counts[key_of(row['src'], row['dst'], number(row['cmd']))] += row['count']


SCRIPT = '''
local said = log.new { name = "said_lldp", columns = { text "src", text "name", text "description" } }
on("lldp.frame", function(e)
	said:write { src = tostring(e.src_mac), name = e.system_name, description = e.system_description }
end)
local neighbours = log.new { name = "said_cdp", columns = { text "src", text "id", text "platform", text "port" } }
on("cdp.frame", function(e)
	neighbours:write { src = tostring(e.src_mac), id = e.device_id, platform = e.platform, port = e.port_id }
end)
local published = log.new { name = "said_goose", columns = { text "src", text "dst", number "appid", text "gocb", text "id", text "dataset" } }
on("goose.frame", function(e)
	published:write { src = tostring(e.src_mac), dst = tostring(e.dst_mac), appid = e.appid, gocb = e.gocb_ref, id = e.go_id,
		dataset = e.dataset }
end)
local function keys(name) return log.new { name = name, columns = { text "key" } } end
local dcp, rt, sv, ecat = keys "keys_dcp", keys "keys_rt", keys "keys_sv", keys "keys_ecat"
local function shown(...)
	local parts = { ... }
	for i, part in ipairs(parts) do parts[i] = part ~= "" and tostring(part) or "-" end
	return table.concat(parts, " ")
end
on("profinet_dcp.message", function(e)
	dcp:write { key = shown(e.src_mac, e.dst_mac, e:raw("service"), e.service_type, e.station_name or "", e.ip or "", e.vendor_id or "",
		e.device_id or "") }
end)
on("ethercat.datagram", function(e) ecat:write { key = shown(e.src_mac, e.dst_mac, e:raw("command")) } end)
on("sv.asdu", function(e) sv:write { key = shown(e.src_mac, e.dst_mac, e.appid, e.sv_id or "") } end)
on("profinet.frame", function(e) rt:write { key = shown(e.src_mac, e.dst_mac, e.frame_id) } end)
'''

PROTOCOLS = {
    'lldp': (('lldp',), their_lldp, 'said_lldp', our_lldp),
    'cdp': (('cdp',), their_cdp, 'said_cdp', our_cdp),
    'goose': (('goose',), their_goose, 'said_goose', our_goose),
    'sv': (('sv',), their_sv, 'keys_sv', our_key),
    'pn_dcp': (('pn_dcp',), their_dcp, 'keys_dcp', our_key),
    'pn_rt': (('pn_rt',), their_rt, 'keys_rt', our_key),
    'ecat': (('ecat',), their_ecat, 'keys_ecat', our_key),
}
