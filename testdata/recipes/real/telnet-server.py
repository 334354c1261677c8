"""Starts telnetd for each connection, with a login of its own: telnet-server.py ADDRESS PORT [login]."""
import getpass
import os
import socket
import subprocess
import sys


def login():
    print("Example Works gateway GW-7, firmware 3.1", flush=True)
    for _ in range(3):
        user = input("gw7 login: ")
        word = getpass.getpass("Password: ")
        if (user, word) == ("service", "word-of-service"):
            print("Last login: Mon Jan  5 06:00:00 from 10.8.0.20", flush=True)
            while input("gw7$ ") != "exit":
                print("ok", flush=True)
            return
        print("Login incorrect", flush=True)


def serve(address, port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen()
    script = "/tmp/telnet-login-%d.sh" % os.getpid()
    with open(script, "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\nexec python3 %s login\n" % os.path.abspath(__file__))
    os.chmod(script, 0o755)
    try:
        while True:
            peer, _ = listener.accept()
            subprocess.Popen(["telnetd", "-h", "-E", script], stdin=peer, stdout=peer, stderr=subprocess.DEVNULL)
            peer.close()
    finally:
        os.unlink(script)


if sys.argv[1] == "login":
    login()
else:
    serve(sys.argv[1], int(sys.argv[2]))
