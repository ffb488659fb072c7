"""OLE2 compound files ([MS-CFB]) as tests need them: a few streams, at the top or in storages, none of them small."""

import struct
from collections.abc import Mapping
from pathlib import Path

_SECTOR = 512
_CUTOFF = 4096  # shorter streams would lie in a stream of small sectors
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_ENTRIES = _SECTOR // 128  # a sector
_LINKS = _SECTOR // 4  # a sector


def write_ole(path: Path, streams: Mapping[str, bytes], *, clsid: bytes = bytes(16)) -> None:
    """Streams by name (`storage/name` in a storage), each filled up with zeros to 4096 bytes; 7 MB in all at most."""
    contents = {name: content.ljust(_CUTOFF, b"\0") for name, content in streams.items()}
    names = ["", *contents, *{"/".join(name.split("/")[:depth]) for name in contents for depth in range(1, name.count("/") + 1)}]
    names.sort(key=lambda name: (name.count("/") if name else -1, name.rpartition("/")[0], len(name), name.upper()))
    directory = -(-len(names) // _ENTRIES)
    data = sum(-(-len(content) // _SECTOR) for content in contents.values())
    tables = 1
    while tables * _LINKS < tables + directory + data:
        tables += 1

    links = [_FAT] * tables
    links += _chain(len(links), directory)
    entries, body = [], b""
    for number, name in enumerate(names):
        beside = [other for other in names[number + 1 :] if name and other.rpartition("/")[0] == name.rpartition("/")[0]]
        inside = [other for other in names[1:] if other.rpartition("/")[0] == name and other != name]
        right, child = (names.index(found[0]) if found else _FREE for found in (beside, inside))
        if name not in contents:
            entries.append(_entry(name.rpartition("/")[2] or "Root Entry", 1 if name else 5, right=right, child=child))
            continue
        content = contents[name]
        entries.append(_entry(name.rpartition("/")[2], 2, right=right, start=len(links), size=len(content)))
        links += _chain(len(links), -(-len(content) // _SECTOR))
        body += content + bytes(-len(content) % _SECTOR)
    entries[0] = entries[0][:80] + clsid + entries[0][96:]
    entries += [bytes(64) + struct.pack("<HBBIII", 0, 0, 0, _FREE, _FREE, _FREE) + bytes(48)] * (-len(entries) % _ENTRIES)
    links += [_FREE] * (tables * _LINKS - len(links))

    header = struct.pack("<8s16xHHHHH6x", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, tables, tables, 0, _CUTOFF, _END, 0, _END, 0)
    header += struct.pack("<109I", *range(tables), *[_FREE] * (109 - tables))
    path.write_bytes(header + struct.pack(f"<{len(links)}I", *links) + b"".join(entries) + body)


def _chain(first: int, count: int) -> list[int]:
    """The links of so many sectors in a row."""
    return [*range(first + 1, first + count), _END]


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int = _END, size: int = 0) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    return struct.pack("<64sHBBIII36xIQ", text, len(text), kind, 1, _FREE, right, child, start, size)
