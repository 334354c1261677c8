"""oracle_it.py - for oracle.py: how the IT protocols' counts of tshark and ours are brought into one key. Ours are made by SCRIPT, a log a
protocol whose only column is that key.

    http       requests by client, server, port, method, host, URI and agent; http_reply: replies by server, client, status and program
    tls        client hellos by client, server, name asked for and JA3; server hellos by JA3S; certificate messages (over TLS, DTLS, QUIC)
    ftp        commands and replies by sender, receiver, verb or code
    smtp       commands by sender, receiver and verb
    mqtt       packets by sender, receiver and type
    ssh        version lines by sender
    smb        answered commands by server, client, version and command
    dcerpc     requests and responses by sender, receiver and operation
    tds        messages by sender, receiver and type
    opcua      messages of services by sender, receiver and encoding id
    quic       whether a direction has initial packets
    nbns       questions by sender, receiver and name
"""
import os
import re
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def key_of(*parts):
    return ' '.join('-' if part in (None, '') else str(part) for part in parts)


def plain(text):
    """Without what the two print differently: what is no ASCII, and what the oracle's table cannot hold."""
    return re.sub(r'[^\x21-\x7e]+|\\+x[0-9a-f]{2}', '?', (text or '').strip())[:120].strip('?')


def our_key(counts, row):
    counts[row['key']] += 1


# ---------------------------------------------------------------------------------------------- http

def http_key(src, dst, port, method, host, uri, agent):
    return key_of(src, dst, port, method, plain(host), plain(urllib.parse.unquote(uri or '', errors='replace')), plain(agent))


def their_http(counts, row):
    counts[http_key(row['src'], row['dst'], row.get('dport'), row.get('method'), row.get('host'), row.get('uri'), row.get('ua'))] += row['count']


def our_http(counts, row):
    counts[http_key(row['src'], row['dst'], row['port'], row.get('method'), row.get('host'), row.get('uri'), row.get('agent'))] += 1


def their_reply(counts, row):
    counts[key_of(row['src'], row['dst'], row.get('code'), plain(row.get('server')))] += row['count']


def our_reply(counts, row):
    counts[key_of(row['src'], row['dst'], row['code'], plain(row.get('server')))] += 1


# ---------------------------------------------------------------------------------------------- tls

CLIENT_HELLO, SERVER_HELLO, CERTIFICATE = '1', '2', '11'


def their_tls(counts, row):
    kind = row['type']
    if kind == CLIENT_HELLO:
        counts[key_of(row['src'], row['dst'], 'client', row.get('sni'), row.get('ja3'))] += row['count']
    elif kind == SERVER_HELLO:
        counts[key_of(row['src'], row['dst'], 'server', row.get('ja3s'))] += row['count']
    elif kind == CERTIFICATE:
        counts[key_of(row['src'], row['dst'], 'certificate')] += row['count']


# ---------------------------------------------------------------------------------------------- lines

def their_line(command, code):
    def count(counts, row):
        word = row.get(command, '').upper() or row.get(code)
        if word:
            counts[key_of(row['src'], row['dst'], plain(word))] += row['count']
    return count


SMTP = set('EHLO HELO MAIL RCPT DATA RSET QUIT NOOP AUTH STARTTLS VRFY EXPN HELP'.split())


def their_smtp(counts, row):
    # The first four letters of whatever the client says: names and passwords are none of ours.
    if row.get('req_command', '').upper() in SMTP:
        counts[key_of(row['src'], row['dst'], row['req_command'].upper())] += row['count']


def their_ssh(counts, row):
    if row.get('protocol'):
        counts[key_of(row['src'], row['dst'], plain(row['protocol']))] += row['count']


def our_words(counts, row):
    counts[key_of(row['src'], row['dst'], plain(row['word']))] += 1


# ---------------------------------------------------------------------------------------------- messages by number

def names(path, table):
    """Names to numbers, from the analyzer's own table."""
    with open(os.path.join(ROOT, path), encoding='utf-8') as source:
        body = source.read().split('struct oto_name %s[]' % table)[1].split('};')[0]
    return {name: int(number, 0) for number, name in re.findall(r'\{ (\w+), "([^"]+)"', body)}


SMB1, SMB2 = names('analyzers/smb/smb_names.c', 'smb1_rows'), names('analyzers/smb/smb_names.c', 'smb2_rows')


NO_MORE = '0xff'


def smb_answers(rows):
    """Chained commands have no direction of their own in the oracle: they have that of the first."""
    servers = {(row['src'], row['dst']) for row in rows if row.get('flags_response') in ('1', 'True')}
    for row in rows:
        response = row.get('flags_response') in ('1', 'True') if row.get('flags_response') else (row['src'], row['dst']) in servers
        if response and row.get('cmd') and row['cmd'] != NO_MORE:
            yield row


def their_smb(counts, row):
    version = 'SMB1' if row['cmd'].startswith('0x') else 'SMB2'
    counts[key_of(row['src'], row['dst'], version, int(row['cmd'], 0))] += row['count']


def our_smb(counts, row):
    command = (SMB1 if row['version'] == 'SMB1' else SMB2).get(row['command'], row['command'])
    counts[key_of(row['src'], row['dst'], row['version'], command)] += 1


REQUEST, RESPONSE = '0', '2'


def their_dcerpc(counts, row):
    if row.get('pkt_type') in (REQUEST, RESPONSE) and row.get('opnum'):  # else nobody knows what is answered
        counts[key_of(row['src'], row['dst'], row['pkt_type'], row['opnum'])] += row['count']


def their_mqtt(counts, row):
    if row.get('msgtype'):
        counts[key_of(row['src'], row['dst'], row['msgtype'])] += row['count']


def our_mqtt(counts, row):
    counts[key_of(row['src'], row['dst'], row['kind'])] += 1


def their_tds(counts, row):
    counts[key_of(row['src'], row['dst'], row.get('type'))] += row['count']


def their_opcua(counts, row):
    counts[key_of(row['src'], row['dst'], row.get('id'))] += row['count']


def their_quic(counts, row):
    if row.get('long_packet_type') == '0':
        counts[key_of(row['src'], row['dst'], 'initial')] = 1


def our_once(counts, row):
    counts[row['key']] = 1


def their_nbns(counts, row):
    # The question's name ends in its suffix; those of records have words behind it.
    name = row.get('name', '')
    if row.get('resp') in ('0', 'False') and re.search(r'<..>$', name):
        counts[key_of(row['src'], row['dst'], plain(re.sub(r'<..>', '', name)))] += row['count']


SCRIPT = '''
local function word_log(name)
	local words = log.new { name = name, columns = { text "src", text "dst", text "word" } }
	return function(e, word)
		local src, dst = sender(e)
		if word and word ~= "" then words:write { src = src, dst = dst, word = tostring(word) } end
	end
end
local ftp, smtp, ssh, nbns = word_log "words_ftp", word_log "words_smtp", word_log "words_ssh", word_log "words_nbns"
on("ftp.request", function(e) ftp(e, e.command) end)
on("ftp.reply", "not more", function(e) ftp(e, e.code) end)
on("smtp.command", function(e) smtp(e, e.verb) end)
on("ssh.version", function(e) ssh(e, e.banner) end)

local asked = log.new { name = "http_asked", columns = { text "src", text "dst", number "port", text "method", text "host", text "uri",
	text "agent" } }
on("http.request", function(e)
	local src, dst = sender(e)
	asked:write { src = src, dst = dst, port = e.is_orig and e.resp_p or e.orig_p, method = e.method, host = e.host, uri = e.uri,
		agent = e.user_agent }
end)
local replied = log.new { name = "http_replied", columns = { text "src", text "dst", number "code", text "server" } }
on("http.reply", function(e)
	local src, dst = sender(e)
	replied:write { src = src, dst = dst, code = e.status_code, server = e.server }
end)
local answered = log.new { name = "smb_answered", columns = { text "src", text "dst", text "version", text "command" } }
on("smb.command", function(e)
	local src, dst = sender(e)
	answered:write { src = src, dst = dst, version = e.version, command = e.command }
end)
local published = log.new { name = "mqtt_words", columns = { text "src", text "dst", text "kind", text "word" } }
local function mqtt(e, kind, word)
	local src, dst = sender(e)
	published:write { src = src, dst = dst, kind = tostring(kind), word = word }
end
on("mqtt.message", function(e) mqtt(e, e:raw("type")) end)

local function key_log(name)
	local keys = log.new { name = name, columns = { text "key" } }
	return function(e, ...)
		local src, dst = sender(e)
		local parts = { src, dst, ... }
		for i, part in ipairs(parts) do parts[i] = part ~= "" and tostring(part) or "-" end
		keys:write { key = table.concat(parts, " ") }
	end
end
local tls, tds, quic, dcerpc = key_log "keys_tls", key_log "keys_tds", key_log "keys_quic", key_log "keys_dcerpc"
local opcua = key_log "keys_opcua"
on("tls.client_hello", function(e) tls(e, "client", e.server_name or "", e.ja3 or "") end)
on("tls.server_hello", function(e) tls(e, "server", e.ja3s or "") end)
on("tls.certificate", "host_cert and not resp_p in {88, 4840}", function(e) tls(e, "certificate") end) -- Kerberos and OPC UA show some, too
on("tds.packet", function(e) tds(e, e:raw("type")) end)
on("quic.initial", function(e) quic(e, "initial") end)
on("dns.query", "service == 'nbns'", function(e) nbns(e, e.query) end)
on("dcerpc.request", function(e) dcerpc(e, 0, e.opnum) end)
on("dcerpc.call", function(e) dcerpc(e, 2, e.opnum) end)
on("opcua.message", "pdu_type in {request, response, fault} and not encrypted", function(e)
	local id = e:raw("service")
	opcua(e, e.pdu_type == "fault" and 397 or e.pdu_type == "request" and id or id + (id > 12000 and 1 or 3))
end)
'''

PROTOCOLS = {
    'http': (('http.req',), their_http, 'http_asked', our_http),
    'http_reply': (('http.resp',), their_reply, 'http_replied', our_reply),
    'tls': (('tls.hs',), their_tls, 'keys_tls', our_key),
    'ftp': (('ftp',), their_line('request_command', 'response_code'), 'words_ftp', our_words),
    'smtp': (('smtp',), their_smtp, 'words_smtp', our_words),
    'ssh': (('ssh',), their_ssh, 'words_ssh', our_words),
    'smb': (('smb', 'smb2'), their_smb, 'smb_answered', our_smb),
    'tds': (('tds',), their_tds, 'keys_tds', our_key),
    'quic': (('quic',), their_quic, 'keys_quic', our_once),
    'nbns': (('nbns',), their_nbns, 'words_nbns', our_words),
    'dcerpc': (('dcerpc',), their_dcerpc, 'keys_dcerpc', our_key),
    'mqtt': (('mqtt',), their_mqtt, 'mqtt_words', our_mqtt),
    'opcua': (('opcua.service',), their_opcua, 'keys_opcua', our_key),
}

# Sections of the oracle whose rows are put in order before they are counted.
PREPARE = {'smb': smb_answers, 'smb2': smb_answers}
