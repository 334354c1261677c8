#!/usr/bin/env python3
"""systems.py - no confident wrong operating system: what hosts of the real captures announce, as tshark reads it, beside what we say of them.

Announcements: browser, NTLM and SMB1's native system, DHCP's class, HTTP and SSDP agents, SSH banners, CDP. Of a host whose announcements agree on a
family (and, of Windows, on a version) nothing else may be said with confidence: neither as a single fact of 80 or more, nor by the inventory
with more than 50 percent. A fingerprint alone is never sure.
"""
import collections
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tap import SHARED, Run, Tap  # noqa: E402

STATED, LIKELY, GUESS = 80, 51, 30
FAMILIES = (('windows', r'windows|wince|^msft|winnt'), ('mac', r'mac ?os|macintosh|darwin|iphone|ipad'), ('android', r'android'),
            ('chrome', r'\bcros\b|chromeos'), ('cisco', r'cisco ios'), ('bsd', r'freebsd|openbsd|netbsd'), ('solaris', r'solaris|sunos'),
            ('linux', r'linux|ubuntu|debian|centos|fedora|red hat|raspbian'), ('unix', r'unix|samba'))
KIN = ({'linux', 'unix'}, {'linux', 'android'}, {'linux', 'chrome'}, {'bsd', 'unix'}, {'mac', 'unix'}, {'solaris', 'unix'}, {'mac', 'bsd'})
# What a name of Windows means, newest first; "or newer", "or later" leave the top open.
WINDOWS = (('10', (10, 0)), ('11', (10, 0)), ('2016', (10, 0)), ('2019', (10, 0)), ('2022', (10, 0)), ('8.1', (6, 3)), ('2012 r2', (6, 3)),
           ('8', (6, 2)), ('2012', (6, 2)), ('7', (6, 1)), ('2008 r2', (6, 1)), ('vista', (6, 0)), ('2008', (6, 0)), ('2003', (5, 2)),
           ('xp', (5, 1)), ('2000', (5, 0)), ('nt 4.0', (4, 0)))


def family(text):
    text = (text or '').lower()
    return next((name for name, words in FAMILIES if re.search(words, text)), None)


def newest(text):
    """The newest Windows that a name allows, or None when it says none or leaves the top open."""
    text = text.lower()
    if 'windows' not in text or re.search(r'newer|later|kernel', text):
        return None
    found = [version for word, version in WINDOWS if re.search(r'(?<![\w.])%s(?![\w.])' % re.escape(word), text)]
    return max(found, default=None)


# ---------------------------------------------------------------------------------------------- what they announce

def windows_version(text):
    found = re.search(r'Windows NT (\d+)\.(\d+)', text)
    return (int(found.group(1)), int(found.group(2))) if found else None


def oracle_rows(path):
    with open(path, encoding='utf-8', errors='replace') as table:
        for line in table:
            cells = line.rstrip('\n').split('\t')
            if len(cells) > 2 and not line.startswith('#'):
                yield cells[0], dict(c.split('=', 1) for c in cells[2:] if '=' in c)


def announced(path):
    """{address: {(family, version of Windows or None)}} of one capture, from tshark's tables."""
    said, chatty = collections.defaultdict(set), False
    for section, row in oracle_rows(path):
        text = {'http.req': row.get('ua'), 'ssh': row.get('protocol'), 'ssdp': row.get('server') or row.get('ua'), 'dhcp': row.get('opt60'),
                'cdp': row.get('software_version')}.get(section)
        who = row.get('mac') if section == 'dhcp' else row.get('src')
        chatty |= section in ('smb', 'smb2')
        if section == 'cifs_browser' and row.get('cmd') in ('0x01', '0x0f') and '.' in row.get('os', ''):
            unix = int(row.get('type') or '0', 0) & 0x800
            major, minor = row['os'].split('.')
            said[row['src']].add(('unix', None) if unix else ('windows', (int(major), int(minor))))
        elif text and who and family(text):
            said[who].add((family(text), windows_version(text)))
    return said, chatty


def tokens(capture):
    """NTLM's versions and SMB1's native systems: the oracle's tables have none. macOS says in NTLM that it is Windows 7 (build 7600)."""
    done = subprocess.run(['tshark', '-r', capture, '-Y', 'ntlmssp.version.build_number || smb.native_os', '-T', 'fields', '-e', 'ip.src', '-e',
                           'ntlmssp.version.major', '-e', 'ntlmssp.version.minor', '-e', 'ntlmssp.version.build_number', '-e', 'smb.native_os'],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=300, check=False)
    for line in done.stdout.decode('utf-8', 'replace').splitlines():
        source, major, minor, build, native = (line.split('\t') + [''] * 5)[:5]
        if build not in ('', '0', '7600'):
            yield source, ('windows', (int(major.split(',')[0]), int(minor.split(',')[0])))
        if family(native):
            yield source, (family(native), None)


# ---------------------------------------------------------------------------------------------- what we say

def ours(t, capture):
    """(address or MAC, name, confidence, source) of every sure fact and of the inventory's answer."""
    out = t.dir('facts')
    path = os.path.join(out, 'asset_fact.log')
    if os.path.exists(path):
        os.unlink(path)
    Run('-q', '--json', '-r', capture, '-l', out, '--log', 'asset_fact', timeout=300)
    if os.path.exists(path):
        for row in map(json.loads, open(path, encoding='utf-8', errors='replace')):
            if row['key'] == 'os':
                yield {row.get('ip'), row.get('mac')}, row['value'], row['confidence'], row['source']
    done = Run('inventory', 'full', '-r', capture, '--json', timeout=300)
    for row in map(json.loads, done.out.splitlines()):
        if row.get('os'):
            yield set(row.get('addresses') or []) | set(row.get('macs') or []), row['os'], row.get('os_confidence', 0), 'inventory'


def wrong(name, says):
    """Does a name contradict all that a host says? What is behind one address and says several things is nobody's fault."""
    mine, families = family(name), {f for f, _ in says}
    if mine is None or any({mine, f} in KIN for f in families):
        return False
    if mine not in families:
        return True
    top, versions = newest(name), [v for f, v in says if f == 'windows' and v]
    return mine == 'windows' and top is not None and len(set(versions)) == 1 and top < versions[0]


def main():
    t = Tap()
    base = os.path.join(SHARED, 'oracle')
    if not os.path.isdir(base):
        print('1..0 # SKIP there are no real captures: %s is not a folder' % base)
        return
    hosts = answered = 0
    errors, guesses = [], []
    for folder, _, files in sorted(os.walk(base)):
        for f in sorted(files):
            name = os.path.relpath(os.path.join(folder, f), base)[:-4]
            capture = os.path.join(SHARED, 'pcaps', name)
            if not f.endswith('.tsv') or not os.path.exists(capture):
                continue
            says, chatty = announced(os.path.join(folder, f))
            for who, what in tokens(capture) if chatty else ():
                says[who].add(what)
            if not says:
                continue
            hosts += len(says)
            sure = set()
            for who, value, confidence, source in ours(t, capture):
                what = set().union(*(says[w] for w in who if w in says))
                if source == 'p0f' and confidence > GUESS:
                    guesses.append((name, value, confidence))
                if not what or confidence < (LIKELY if source == 'inventory' else STATED):
                    continue
                sure |= who & set(says)
                if wrong(value, what):
                    errors.append('%s %s: %s says %s (%d), it says %s' % (name, sorted(filter(None, who)), source, value, confidence, sorted(what, key=str)))
            answered += len(sure)
    t.equal(errors, [], 'systems: none of %d hosts that announce theirs is told another with confidence (of %d something is)' % (hosts, answered))
    t.equal(guesses, [], 'systems: a fingerprint is never more than a guess')
    t.ok(hosts > 100 and answered * 4 > hosts, 'systems: enough hosts announce theirs, and of many it is told', (hosts, answered))
    t.finish()


main()
