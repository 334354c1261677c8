#!/usr/bin/env python3
"""Asks an FTP server for most that it can do: ask-files.py HOST PORT. For vsftpd.sh beside this file."""
import ftplib
import io
import socket
import sys


def tried(what, *args):
    try:
        return what(*args)
    except (ftplib.Error, OSError) as error:
        print(error)
        return None


def session(host, port, user, password):
    ftp = ftplib.FTP()
    ftp.connect(host, port, timeout=5)
    tried(ftp.login, user, password)
    return ftp


def refused(host, port):
    session(host, port, "operator", "not-for-your-eyes").close()


def passive(host, port):
    ftp = session(host, port, "anonymous", "guest@plant.example")
    for command in ("SYST", "FEAT", "PWD", "TYPE I", "SIZE firmware.bin", "MDTM firmware.bin"):
        tried(ftp.sendcmd, command)
    tried(ftp.retrlines, "LIST")
    tried(ftp.retrbinary, "RETR firmware.bin", bytearray().extend)
    ftp.cwd("recipes")
    tried(ftp.retrbinary, "RETR small.csv", bytearray().extend)
    tried(ftp.retrbinary, "RETR dough.csv", bytearray().extend)
    tried(ftp.retrbinary, "RETR none.csv", bytearray().extend)
    tried(ftp.storbinary, "STOR new.csv", io.BytesIO(b"speed;13\n" * 200))
    tried(ftp.storbinary, "APPE new.csv", io.BytesIO(b"heat;190\n"))
    tried(ftp.storbinary, "STOR ../forbidden.csv", io.BytesIO(b"x"))
    tried(ftp.rename, "new.csv", "newer.csv")
    tried(ftp.delete, "newer.csv")
    tried(ftp.delete, "none.csv")
    tried(ftp.mkd, "spare")
    tried(ftp.rmd, "spare")
    tried(ftp.cwd, "old")
    tried(ftp.sendcmd, "CDUP")
    tried(ftp.retrlines, "NLST")
    ftp.quit()


def active(host, port):
    ftp = session(host, port, "ftp", "guest@plant.example")
    ftp.set_pasv(False)
    tried(ftp.retrbinary, "RETR recipes/dough.csv", bytearray().extend)
    tried(ftp.storbinary, "STOR recipes/active.csv", io.BytesIO(b"speed;14\n" * 10))
    tried(ftp.delete, "recipes/active.csv")
    listener = socket.create_server((ftp.sock.getsockname()[0], 0))
    tried(ftp.sendeprt, *listener.getsockname()[:2])
    tried(ftp.sendcmd, "NLST")
    listener.close()
    ftp.close()


def extended(host, port):
    ftp = session(host, port, "anonymous", "guest@plant.example")
    at = ftplib.parse229(ftp.sendcmd("EPSV"), ftp.sock.getpeername())
    data = socket.create_connection((host, at[1]), 5)
    ftp.sendcmd("RETR firmware.bin")
    data.recv(2000)
    data.close()  # given up
    tried(ftp.voidresp)
    ftp.sock.sendall(b"NOOP\r\nPWD\r\nSTAT\r\nHELP\r\nFROBNICATE now\r\nQUIT\r\n")  # without waiting
    for _ in range(6):
        tried(ftp.getmultiline)
    ftp.close()


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    for step in (refused, passive, active, extended):
        step(host, port)


main()
