"""farends.py - the other side of otoscope send, for its tests: syslog sinks, an HTTP server, a mail server, Redis; each may be down, die in the
middle, and remembers what it took."""
import base64
import http.server
import json
import os
import shutil
import socket
import socketserver
import ssl
import subprocess
import threading
import time

HOST = '127.0.0.1'


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind((HOST, 0))
        return s.getsockname()[1]


def certificate(folder):
    """A key and a certificate for 127.0.0.1 that signs itself; '' without openssl."""
    key, cert = os.path.join(folder, 'key.pem'), os.path.join(folder, 'cert.pem')
    if not shutil.which('openssl'):
        return '', ''
    subprocess.run(['openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=127.0.0.1', '-addext',
                    'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', cert], check=True, stderr=subprocess.DEVNULL)
    return key, cert


def server_context(key, cert):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def until(condition, seconds=20):
    """Wait for it; true when it came."""
    end = time.time() + seconds
    while not condition():
        if time.time() > end:
            return False
        time.sleep(0.02)
    return True


class Datagrams:
    """A syslog sink over UDP."""

    def __init__(self):
        self.port = free_port(socket.SOCK_DGRAM)
        self.got = []
        self.socket = None

    def up(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, self.port))
        self.socket.settimeout(0.1)
        threading.Thread(target=self.run, args=(self.socket,), daemon=True).start()
        return self

    def run(self, s):
        while s.fileno() >= 0:
            try:
                self.got.append(s.recv(65536))
            except TimeoutError:
                continue
            except OSError:
                return

    def down(self):
        self.socket.close()
        time.sleep(0.15)


class Streams:
    """A syslog sink over TCP or TLS with counted messages (RFC 6587). dies_after: closes, with bytes unread, when it has so many."""

    def __init__(self, context=None, lines=False):
        self.port = free_port()
        self.context = context
        self.lines = lines
        self.got = []
        self.dies_after = None

    def up(self):
        self.listener = socket.create_server((HOST, self.port))
        threading.Thread(target=self.run, args=(self.listener,), daemon=True).start()
        return self

    def down(self):
        # a close does not end an accept that waits
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def run(self, listener):
        while True:
            try:
                c, _ = listener.accept()
            except OSError:
                return
            try:
                if self.context:
                    c = self.context.wrap_socket(c, server_side=True)
                self.read(c)
            except (OSError, ValueError):
                pass
            c.close()

    def read(self, c):
        # small reads, so that dying leaves bytes unread
        stream = c.makefile('rb', buffering=0 if self.dies_after else -1)
        while True:
            if self.dies_after is not None and len(self.got) >= self.dies_after:
                self.dies_after = None
                return
            if self.lines:
                line = stream.readline()
                if not line:
                    return
                self.got.append(line.rstrip(b'\n'))
                continue
            count = b''
            while not count.endswith(b' '):
                byte = stream.read(1)
                if not byte:
                    return
                count += byte
            left, data = int(count), b''
            while len(data) < left:
                piece = stream.read(left - len(data))
                if not piece:
                    return
                data += piece
            self.got.append(data)


class Web:
    """Takes POSTs. answer: what to say to the next ones: a number, 'die' (no answer), 'late' (after what the client waits); then 200."""

    def __init__(self, context=None):
        self.port = free_port()
        self.context = context
        self.got = []       # (body, headers) of what was answered with 2xx
        self.tried = []     # all of them
        self.may_have = []  # what was answered with 2xx, or not at all
        self.answers = []
        self.body = b'thank you'
        self.server = None

    def up(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def handle_post(self):
                body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
                outer.tried.append((body, dict(self.headers)))
                answer = outer.answers.pop(0) if outer.answers else 200
                if answer in ('die', 'late') or answer < 300:
                    outer.may_have.append(body)
                if answer == 'late':
                    time.sleep(6)
                    return
                if answer == 'die':
                    self.close_connection = True
                    return
                if answer < 300:
                    outer.got.append((body, dict(self.headers)))
                self.send_response(answer)
                said = self.headers.get('Authorization', '').encode() if outer.body == 'echo' else outer.body
                self.send_header('Content-Length', str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_POST = do_PUT = handle_post

            def log_message(self, *args):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request, address):
                pass

        self.server = Server((HOST, self.port), Handler)
        if self.context:
            self.server.socket = self.context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def down(self):
        self.server.shutdown()
        self.server.server_close()


class Mail:
    """A mail server: STARTTLS, AUTH PLAIN, what RFC 5321 asks for. answers: of the next mails, behind their text: a line, 'die'; then 250."""

    def __init__(self, context=None, user=None, password=None):
        self.port = free_port()
        self.context = context
        self.login = (user, password)
        self.got = []
        self.answers = []

    def up(self):
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def say(self, text):
                self.request.sendall(text.encode() + b'\r\n')

            def handle(self):
                self.secure, self.known = False, outer.login[0] is None
                self.lines = self.request.makefile('rb')
                self.say('220 far end')
                while True:
                    line = self.lines.readline().decode().strip()
                    if not line or not self.command(line):
                        return

            def command(self, line):
                word = line.split(' ')[0].upper()
                if word == 'EHLO':
                    more = ['STARTTLS'] if outer.context and not self.secure else ['AUTH PLAIN'] if outer.login[0] else []
                    words = ['far end'] + more
                    for i, w in enumerate(words):
                        self.say('250%s%s' % ('-' if i + 1 < len(words) else ' ', w))
                elif word == 'STARTTLS':
                    self.say('220 go ahead')
                    self.request = outer.context.wrap_socket(self.request, server_side=True)
                    self.lines = self.request.makefile('rb')
                    self.secure = True
                elif word == 'AUTH':
                    given = line.split(' ')[2] if line.count(' ') > 1 else ''
                    if not given:
                        self.say('334 ')
                        given = self.lines.readline().decode().strip()
                    _, user, password = base64.b64decode(given).decode().split('\0')
                    self.known = (user, password) == outer.login
                    self.say('235 welcome' if self.known else '535 wrong user or password')
                elif word in ('MAIL', 'RCPT'):
                    self.say('250 ok' if self.known else '530 who are you?')
                elif word == 'DATA':
                    self.say('354 go ahead')
                    return self.data()
                elif word == 'QUIT':
                    self.say('221 bye')
                    return False
                else:
                    self.say('502 no')
                return True

            def data(self):
                text = b''
                while not text.endswith(b'\r\n.\r\n'):
                    line = self.lines.readline()
                    if not line:
                        return False
                    text += line
                answer = outer.answers.pop(0) if outer.answers else '250 queued as 1'
                if answer == 'die' or answer.startswith('250'):
                    outer.got.append(text[:-5])
                if answer == 'die':
                    return False
                self.say(answer)
                return True

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            block_on_close = False

            def handle_error(self, request, address):
                pass

        self.server = Server((HOST, self.port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def down(self):
        self.server.shutdown()
        self.server.server_close()


class Redis:
    """Debian's redis-server, on a port of its own, with nothing kept but its append-only file."""

    def __init__(self, folder, password=None):
        self.folder = folder
        self.port = free_port()
        self.password = password
        self.process = None

    def up(self):
        self.process = subprocess.Popen(
            ['redis-server', '--port', str(self.port), '--bind', HOST, '--dir', self.folder, '--appendonly', 'yes', '--appendfsync', 'always', '--save', '']
            + (['--requirepass', self.password] if self.password else []), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(self.answers)
        return self

    def answers(self):
        try:
            return self.ask('PING') == 'PONG'
        except OSError:
            return False

    def down(self):
        self.process.kill()
        self.process.wait()

    def ask(self, *words):
        with socket.create_connection((HOST, self.port), 5) as s:
            stream = s.makefile('rb')
            if self.password:
                self.command(s, 'AUTH', self.password)
                self.reply(stream)
            self.command(s, *words)
            return self.reply(stream)

    @staticmethod
    def command(s, *words):
        s.sendall(b'*%d\r\n' % len(words) + b''.join(b'$%d\r\n%s\r\n' % (len(w.encode()), w.encode()) for w in words))

    def reply(self, stream):
        line = stream.readline().strip().decode()
        kind, rest = line[0], line[1:]
        if kind == '*':
            return [self.reply(stream) for _ in range(int(rest))]
        if kind == '$':
            return stream.read(int(rest) + 2)[:-2].decode() if int(rest) >= 0 else None
        return int(rest) if kind == ':' else rest

    def entries(self, stream):
        """Fields of all entries, in order."""
        return [dict(zip(fields[::2], fields[1::2])) for _, fields in self.ask('XRANGE', stream, '-', '+')]
