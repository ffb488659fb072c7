"""Ports for servers that must be told theirs."""

import random
import socket

_BELOW_THE_KERNELS_OWN = range(20_000, 32_768)
"""Linux gives out ports from 32768 on to whoever connects, and Ray those below 20000 to its workers: no one else may take
one of these between its choice and its use."""


def free_port() -> int:
    """A port of 127.0.0.1 where nobody listens."""
    while True:
        with socket.socket() as listener:
            port = random.choice(_BELOW_THE_KERNELS_OWN)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
