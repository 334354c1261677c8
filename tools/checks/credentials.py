#!/usr/bin/env python3
"""No output holds a password: whatever secrets tshark finds in the real captures, and those that our own recipes put into theirs, are looked
for in every log of every profile, in both forms, and in what the standard scripts keep: inventory, learned lists, alerts. That one was sent in
clear is told without it. The packets that are kept around an alert are what was on the wire, and so no output of ours."""
import glob
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile

from tap import CAPTURES, OTOSCOPE, ROOT, SHARED, Tap

t = Tap()
SHORTEST = 4  # what is shorter stands in many places by chance
FIELDS = ['http.authbasic', 'http.authorization', 'http.proxy_authorization', 'ftp.request.arg', 'pop.request.parameter', 'imap.request.password',
          'imap.request.line', 'smtp.auth.password', 'snmp.community', 'mqtt.passwd', 'ldap.simple', 'tds.login.password', 'tds7login.password',
          'socks.password', 'sip.auth.digest.response', 'resp.bulk_string.value', 'irc.request.command_parameter', 'pgsql.password', 'pap.password',
          'chap.value', 'telnet.data', 'vnc.auth_response', 'ntlmssp.ntlmv2_response.ntproofstr', 'ntlmssp.auth.ntresponse', 'radius.User_Password',
          'ospf.auth.none', 'ospf.auth.simple', 'vrrp.auth_string', 'hsrp.auth_data', 'rip.auth.passwd', 'rlogin.data', 'mysql.passwd']
ASKED = {'ftp.request.arg': ('ftp.request.command', 'PASS'), 'pop.request.parameter': ('pop.request.command', 'PASS'),
         'irc.request.command_parameter': ('irc.request.command', 'PASS')}
BEHIND = {'http.authorization': r'(?:Basic|Bearer|Negotiate|NTLM) (.*)', 'http.proxy_authorization': r'(?:Basic|Bearer|Negotiate|NTLM) (.*)',
          'imap.request.line': r'\S+ LOGIN \S+ "?([^"\\]*)', 'resp.bulk_string.value': r'AUTH,(.*)', 'http.authbasic': r'[^:]*:(.*)'}
# What carries secrets in clear, or what they can be guessed from; a capture without any of it has none to look for.
CARRIERS = set('http ftp pop imap smtp snmp mqtt ldap tds socks sip resp irc pgsql pap chap telnet vnc ntlmssp radius ospf vrrp hsrp rip rlogin mysql '
               'rtsp http2'.split())


def known_fields():
    """Of FIELDS those that this tshark has."""
    listed = subprocess.run(['tshark', '-G', 'fields'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode('utf-8', 'replace')
    names = set(line.split('\t')[2] for line in listed.split('\n') if line.startswith('F\t'))
    return [name for name in FIELDS if name in names]


def typed(lines):
    """What was typed behind a telnet server's question for a password: character by character, or at once."""
    waiting, word = False, ''
    for client, data in lines:
        if not client:
            waiting = waiting or bool(re.search(r'[Pp]ass(word|code)[^\n]*[:>] *$', data))
        elif waiting:
            word += data
            if re.search(r'\\r|\\n|[\r\n]', word):
                yield re.split(r'\\r|\\n|[\r\n]', word)[0]
                waiting, word = False, ''


def secrets_of(capture, fields):
    found, telnet = set(), []
    wanted = fields + [ASKED[name][0] for name in fields if name in ASKED] + ['tcp.dstport']
    command = ['tshark', '-r', capture, '-T', 'fields', '-E', 'separator=\x01'] + [word for name in wanted for word in ('-e', name)]
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False).stdout.decode('utf-8', 'replace')
    for line in shown.split('\n'):
        cells = dict(zip(wanted, line.split('\x01')))
        if cells.get('telnet.data'):
            telnet.append((cells.get('tcp.dstport') == '23', cells['telnet.data']))
        for name in fields:
            value = cells.get(name, '')
            if name == 'telnet.data' or (name in ASKED and cells.get(ASKED[name][0], '').upper() != ASKED[name][1]):
                continue
            if name in BEHIND:
                value = (re.match(BEHIND[name], value, re.I) or ['', ''])[1]
            if len(value) >= SHORTEST and '\ufffd' not in value:  # bytes are no text
                found.add((name, value))
    return found | {('telnet', word) for word in typed(telnet) if len(word) >= SHORTEST}


def stored(folder):
    """What the standard scripts keep, a JSON string a cell; and beside it whatever else they write, but the packets."""
    text = ''
    for path in glob.glob(os.path.join(folder, '**', '*'), recursive=True):
        if os.path.isdir(path) or path.startswith(os.path.join(folder, 'packets')) or path.endswith(('-wal', '-shm')):
            continue
        with open(path, 'rb') as f:
            raw = f.read()
        if os.path.basename(path) == 'captures.tsv':  # names of files
            continue
        if not raw.startswith(b'SQLite format 3'):
            text += '{"%s":%s}\n' % (os.path.basename(path), json.dumps(raw.decode('utf-8', 'replace')))
            continue
        with sqlite3.connect(path) as db:
            db.text_factory = bytes
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in db.execute('SELECT * FROM "%s"' % table.decode()):
                    text += ''.join('{"%s":%s}\n' % (table.decode(), json.dumps(cell.decode('utf-8', 'replace'), ensure_ascii=False))
                                    for cell in row if isinstance(cell, bytes))
    return text


def logs_of(folder):
    for log in glob.glob(os.path.join(folder, '*.log')):
        with open(log, encoding='utf-8', errors='replace') as f:
            yield os.path.basename(log), f.read()


def as_json(tsv):
    """Cells of a Zeek log as JSON strings, for values_holding."""
    return ''.join('{"cell":%s}\n' % json.dumps(cell, ensure_ascii=False) for line in tsv.split('\n') if not line.startswith('#')
                   for cell in set(line.split('\t')))


def outputs(captures):
    """Texts by name: all rows of the captures under three profiles, the columns of Zeek, and what a sensor keeps."""
    texts = {}
    for words in (['--json'], ['--json', '--profile', 'zeek'], ['--json', '--profile', 'sensor'], []):
        with tempfile.TemporaryDirectory() as folder:
            state = ['--state', os.path.join(folder, 'state')] if not words else []
            run = subprocess.run([OTOSCOPE, '-q', '-r', *captures, '-l', os.path.join(folder, 'logs'), *words, *state], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=300, check=False)
            name = ' '.join(words) or 'columns'
            texts['what is said %s' % name] = '{"said":%s}' % json.dumps((run.stdout + run.stderr).decode('utf-8', 'replace'))
            for log, text in logs_of(os.path.join(folder, 'logs')):
                texts['%s %s' % (log, name)] = text if words else as_json(text)
            if state:
                texts['what is kept'] = stored(state[1])
    return texts


def values_holding(text, secret):
    """JSON strings that are the secret, or hold it as a word of their own."""
    quoted = re.escape(secret.replace('\\', '\\\\').replace('"', '\\"'))
    return re.findall(r'"[a-zA-Z_.0-9]+":(?:\[[^\]]*)?"(?:[^"\\]|\\.)*(?<![A-Za-z0-9])%s(?![A-Za-z0-9])(?:[^"\\]|\\.)*"' % quoted, text)


def look(captures, secrets, name, also=lambda log, cell, secret: False):
    texts, hits = outputs(captures), []
    for log, text in texts.items():
        for field, secret in secrets:
            if secret not in text:
                continue
            hits += ['%s: %s of %s in %s' % (log, secret, field, cell[:120]) for cell in values_holding(text, secret) if not also(log, cell, secret)]
    t.ok(not hits, name, '\n'.join(sorted(set(hits))[:20]))


# What our own captures hold, as their recipes write it. Those of credentials.lua begin alike.
MADE = ['secret42', 'SECRET', 'a secret answer', 'another secret', 'new password', 'snap7pw', 'Sakura-77', 'plant-reads', 'plant-writes',
        'plant-traps', 'word-of-service', 'wordofit', 'wrongone', 'am9lOnB3ZC1iYXNpYw==', 'AGpvZQBwd2Qtc2FzbA==', 'pwd-sasl', 'pwd-basic',
        'filister', 'guess', 'login secret', 'secretkey']


def recipes():
    text = ''
    for path in glob.glob(os.path.join(ROOT, 'testdata', 'recipes', '**', '*'), recursive=True):
        if os.path.isfile(path):
            with open(path, encoding='utf-8', errors='replace') as f:
                text += f.read()
    return text


def harmless(log, cell, secret):
    """An e-mail address given as password of an anonymous login, and words that are names elsewhere in the same capture."""
    return '@' in secret or secret.lower() in ('public', 'private', 'guest', 'anonymous', 'admin', 'test', 'user', 'password', 'cisco') and 'snmp' not in log


written = recipes()
t.equal([secret for secret in MADE if secret not in written], [], 'every secret of the list is in a recipe')
with open(os.path.join(ROOT, 'testdata', 'recipes', 'credentials.lua'), encoding='utf-8') as recipe:
    MADE += sorted(set(re.findall(r'pwd-?[a-z0-9]{3,}', recipe.read())) - set(MADE))
t.ok(len(MADE) > 40, 'credentials.lua has many')
t.equal(len(values_holding('{"user":"ann","list":["x","pass word2"]}', 'word2')), 1, 'a secret in an output would be found')
look(sorted(glob.glob(os.path.join(CAPTURES, '*.pcap'))), [('our own', secret) for secret in MADE], 'the %d secrets of our captures are in no output' % len(MADE))

def with_carriers():
    """Captures of which tshark's table says that they have something that carries secrets."""
    for table in sorted(glob.glob(os.path.join(SHARED, 'oracle', '*', '*.tsv'))):
        with open(table, encoding='utf-8', errors='replace') as f:
            names = set(re.findall(r'^proto\t\d+\tname=(\S+)', f.read(), re.M))
        if names & CARRIERS:
            yield os.path.relpath(table, os.path.join(SHARED, 'oracle'))[:-4]


if not os.path.isdir(os.path.join(SHARED, 'pcaps')):
    t.skip('secrets of the real captures are in no output', 'there are no real captures: %s' % SHARED)
elif not shutil.which('tshark'):
    t.skip('secrets of the real captures are in no output', 'tshark is not installed')
else:
    fields = known_fields()
    total = 0
    for inside in with_carriers():
        capture = os.path.join(SHARED, 'pcaps', inside)
        secrets = secrets_of(capture, fields)
        total += len(secrets)
        if secrets:
            look([capture], secrets, '%s: %d secrets' % (inside, len(secrets)), harmless)
    t.ok(total >= 180, '%d secrets were looked for' % total)

t.finish()
