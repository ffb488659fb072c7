"""Run a command where the only way out is a tunnel that nothing answers, and note what it wants from there.

`unshare --net --mount --propagation private python -m tests.e2e.alone FILE COMMAND…`: FILE gets a line for each packet that any
of its processes sends to another machine: its address and port, or the name that is asked for.
"""

import ctypes
import fcntl
import ipaddress
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

_TUNSETIFF, _IFF_TUN, _IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # linux/if_tun.h
_SIOCADDRT, _SIOCSIFFLAGS, _SIOCSIFADDR, _IFF_UP, _RTF_UP = 0x890B, 0x8914, 0x8916, 0x1, 0x1  # linux/{sockios,if,route}.h
_TCP, _UDP, _DNS = 6, 17, 53
_NAME_SERVER = "192.0.2.53"  # of a network that is kept for examples (RFC 5737)
_LONGEST = 65_536
_END = ("203.0.113.8", 9)
"""Where we send a last packet: who has seen it has seen all before it."""


def main(seen: Path, command: list[str]) -> int:
    up("lo")
    tunnel = open_tunnel("out")
    resolve_over(_NAME_SERVER, seen.with_suffix(".resolv"))
    with seen.open("w", buffering=1) as lines:
        noting = threading.Thread(target=lambda: lines.writelines(f"{wanted}\n" for wanted in packets(tunnel)), daemon=True)
        noting.start()
        done = subprocess.run(command, check=False)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", _END)
        noting.join()
        return done.returncode


def up(name: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", name.encode(), _IFF_UP))


def open_tunnel(name: str) -> int:
    """The way to everywhere but this machine; read from what is opened, packets come as they are sent."""
    tunnel = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tunnel, _TUNSETIFF, struct.pack("16sH14x", name.encode(), _IFF_TUN | _IFF_NO_PI))
    here, anywhere = (struct.pack("H2x4s8x", socket.AF_INET, socket.inet_aton(address)) for address in ("192.0.2.1", "0.0.0.0"))
    device = ctypes.create_string_buffer(name.encode())
    route = struct.pack("L16s16s16sHhLPhP24x", 0, anywhere, anywhere, anywhere, _RTF_UP, 0, 0, 0, 0, ctypes.addressof(device))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SIOCSIFADDR, struct.pack("16s16s", name.encode(), here))
        up(name)
        fcntl.ioctl(any_socket, _SIOCADDRT, route)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as any_socket:
        inet6 = socket.inet_pton(socket.AF_INET6, "2001:db8::1")
        fcntl.ioctl(any_socket, _SIOCSIFADDR, struct.pack("=16sIi", inet6, 0, socket.if_nametoindex(name)))
    return tunnel


def resolve_over(server: str, file: Path) -> None:
    """Names are asked for there, and nobody waits long for the answer."""
    file.write_text(f"nameserver {server}\noptions timeout:1 attempts:1\n")
    subprocess.run(["mount", "--bind", file, "/etc/resolv.conf"], check=True)


def packets(tunnel: int) -> Iterator[str]:
    while packet := os.read(tunnel, _LONGEST):
        if packet[0] >> 4 == 4:
            to, protocol, rest = ipaddress.ip_address(packet[16:20]), packet[9], packet[(packet[0] & 15) * 4 :]
        else:
            to, protocol, rest = ipaddress.ip_address(packet[24:40]), packet[6], packet[40:]
        if to.is_multicast:
            continue  # the kernel looks for neighbours
        port = int.from_bytes(rest[2:4]) if protocol in (_TCP, _UDP) else 0
        if (str(to), port) == _END:
            return
        yield asked(rest[8:]) if port == _DNS else f"{to} {port}"


def asked(query: bytes) -> str:
    """The name in a DNS query: labels with their lengths, behind a head of twelve bytes (RFC 1035)."""
    labels, rest = [], query[12:]
    while rest and rest[0]:
        labels.append(rest[1 : rest[0] + 1].decode("ascii", "replace"))
        rest = rest[rest[0] + 1 :]
    return ".".join(labels)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
