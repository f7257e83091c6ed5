"""Ports for the servers of the suite, below those that the system lends to whoever connects to somebody.

A lent one may be gone before our server has taken it, or while it is restarted: a client that asks for a closed port
of that range again and again even meets itself, and keeps the port.
"""

import socket
from random import SystemRandom

FIRST, BEYOND = 15_000, 32_768
_chance = SystemRandom()  # the other processes of the suite begin each test with the same seed


def free_port() -> int:
    while True:
        port = _chance.randrange(FIRST, BEYOND)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
