"""Ports for servers that a test starts later, by number."""

import os
import random
import socket
from collections.abc import Iterator
from itertools import cycle

EACH = 2_500
"""How many belong to one worker."""


def _own() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
    first = 12_000 + EACH * (worker % 8)
    begin = random.randrange(EACH)
    return cycle(first + (begin + number) % EACH for number in range(EACH))


_ports = _own()


def free_port(address: str = "127.0.0.1") -> int:
    """Below those that the system gives out to whoever asks for any (Linux: from 32768 on), and not
    another worker's: nobody takes it until it is used. Never the same twice."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    while True:
        port = next(_ports)
        try:
            with socket.create_server((address, port), family=family):
                return port
        except OSError:
            continue
