"""Types into the telnet program on a terminal: telnet-client.py ADDRESS PORT."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time


def talk(lines, columns):
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.environ["DISPLAY"] = "engineer1.plant.example:0.0"
        os.execvp("telnet", ["telnet", sys.argv[1], sys.argv[2]])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    for prompt, answer in lines:
        heard, until = b"", time.time() + 5
        while prompt.encode() not in heard and time.time() < until:
            if select.select([terminal], [], [], 0.2)[0]:
                heard += os.read(terminal, 4096)
        time.sleep(0.2)
        for character in answer + "\r":
            os.write(terminal, character.encode())
            time.sleep(0.01)
    time.sleep(0.5)
    os.close(terminal)
    os.waitpid(pid, 0)


talk([("login: ", "service"), ("Password: ", "word-of-service"), ("gw7$ ", "show io"), ("gw7$ ", "exit")], 80)
talk([("login: ", "admin"), ("Password: ", "admin"), ("login: ", "servicex\x7f"), ("Password: ", "word-of-service"), ("gw7$ ", "exit")], 132)
