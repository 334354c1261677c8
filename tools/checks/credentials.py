#!/usr/bin/env python3
"""No output holds a password: whatever secrets tshark finds in the real captures, and those that our own recipes put into theirs, are looked
for in every log, in both forms and both profiles, and in what the standard scripts say. That one was sent in clear is told without it."""
import glob
import os
import re
import shutil
import subprocess
import tempfile

from tap import CAPTURES, OTOSCOPE, ROOT, SHARED, Tap

t = Tap()
SHORTEST = 4  # what is shorter stands in many places by chance
FIELDS = ['http.authbasic', 'ftp.request.arg', 'pop.request.parameter', 'imap.request.password', 'smtp.auth.password', 'snmp.community', 'mqtt.passwd',
          'ldap.simple', 'tds.login.password', 'tds7login.password', 'socks.password']
ASKED = {'ftp.request.arg': ('ftp.request.command', 'PASS'), 'pop.request.parameter': ('pop.request.command', 'PASS')}


def known_fields():
    """Of FIELDS those that this tshark has."""
    listed = subprocess.run(['tshark', '-G', 'fields'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout.decode('utf-8', 'replace')
    names = set(line.split('\t')[2] for line in listed.split('\n') if line.startswith('F\t'))
    return [name for name in FIELDS if name in names]


def secrets_of(capture, fields):
    found = set()
    wanted = fields + [ASKED[name][0] for name in fields if name in ASKED]
    command = ['tshark', '-r', capture, '-T', 'fields', '-E', 'separator=\x01'] + [word for name in wanted for word in ('-e', name)]
    shown = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=120, check=False).stdout.decode('utf-8', 'replace')
    for line in shown.split('\n'):
        cells = dict(zip(wanted, line.split('\x01')))
        for name in fields:
            value = cells.get(name, '')
            if name in ASKED and cells.get(ASKED[name][0], '').upper() != ASKED[name][1]:
                continue
            if name == 'http.authbasic':
                value = value.split(':', 1)[-1]
            if len(value) >= SHORTEST:
                found.add((name, value))
    return found


def outputs(captures):
    """Texts by name: all rows of the captures under three settings."""
    texts = {}
    for words in (['--json'], ['--json', '--profile', 'zeek'], ['--json', '--profile', 'sensor']):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([OTOSCOPE, '-q', '-r', *captures, '-l', folder, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
            for log in glob.glob(os.path.join(folder, '*.log')):
                with open(log, encoding='utf-8', errors='replace') as f:
                    texts['%s %s' % (os.path.basename(log), ' '.join(words[1:]))] = f.read()
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


# What our own captures hold, as their recipes write it.
MADE = ['secret42', 'SECRET', 'a secret answer', 'another secret', 'new password', 'snap7pw', 'Sakura-77', 'plant-reads', 'plant-writes',
        'plant-traps', 'word-of-service', 'wordofit', 'wrongone']


def recipes():
    text = ''
    for path in glob.glob(os.path.join(ROOT, 'testdata', 'recipes', '**', '*'), recursive=True):
        if os.path.isfile(path):
            with open(path, encoding='utf-8', errors='replace') as f:
                text += f.read()
    return text


def harmless(log, cell, secret):
    """An e-mail address given as password of an anonymous login, and words that are names elsewhere in the same capture."""
    return '@' in secret or secret.lower() in ('public', 'private', 'guest', 'anonymous', 'admin', 'test', 'user') and 'snmp' not in log


written = recipes()
t.equal([secret for secret in MADE if secret not in written], [], 'every secret of the list is in a recipe')
t.equal(len(values_holding('{"user":"ann","list":["x","pass word2"]}', 'word2')), 1, 'a secret in an output would be found')
look(sorted(glob.glob(os.path.join(CAPTURES, '*.pcap'))), [('our own', secret) for secret in MADE], 'the %d secrets of our captures are in no output' % len(MADE))

folders = ['ftp', 'http', 'mixed-it', 'snmp', 'telnet', 'vnc', 'smtp', 'pop', 'imap', 'mqtt', 'ldap', 'tds-mssql', 'it-attack', 'socks-proxy']
if not os.path.isdir(os.path.join(SHARED, 'pcaps')):
    t.skip('secrets of the real captures are in no output', 'there are no real captures: %s' % SHARED)
elif not shutil.which('tshark'):
    t.skip('secrets of the real captures are in no output', 'tshark is not installed')
else:
    fields = known_fields()
    for folder in folders:
        for capture in sorted(glob.glob(os.path.join(SHARED, 'pcaps', folder, '*.pcap*'))):
            found = secrets_of(capture, fields)
            if found:
                look([capture], found, '%s: %d secrets' % (os.path.relpath(capture, os.path.join(SHARED, 'pcaps')), len(found)), harmless)

t.finish()
