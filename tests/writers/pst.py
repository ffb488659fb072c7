"""Mailboxes of Outlook, as small as readers take them ([MS-PST], Unicode): one page of nodes, one of blocks, nothing encoded."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

UNICODE, BINARY, NUMBER, TIME, OBJECT = 0x1F, 0x102, 0x3, 0x40, 0x0D
_STORE, _ROOT, _FOLDER, _MESSAGE, _ATTACHMENTS, _RECIPIENTS, _ATTACHMENT = 0x21, 0x122, 0x8022, 0x200004, 0x671, 0x692, 0x8025
_ROW, _VERSION = 0x67F2, 0x67F3
_PAGE, _BLOCKS_AT = 512, 0x4600

Properties = Mapping[tuple[int, int], bytes]
"""Number and type → value."""


def text(value: str) -> bytes:
    return value.encode("utf-16-le")


def number(value: int) -> bytes:
    return struct.pack("<I", value)


@dataclass(frozen=True)
class Message:
    properties: Properties
    recipients: Sequence[Properties] = ()
    attachments: Sequence[Properties] = ()


@dataclass
class _File:
    data: bytearray = field(default_factory=lambda: bytearray(_BLOCKS_AT))
    blocks: list[tuple[int, int, int]] = field(default_factory=list)  # id, place, size
    nodes: list[tuple[int, int, int, int]] = field(default_factory=list)  # id, block, block of what is below, parent

    def block(self, content: bytes, *, internal: bool = False) -> int:
        identifier = (len(self.blocks) + 1) * 4 + 2 * internal
        self.blocks.append((identifier, len(self.data), len(content)))
        room = -(-(len(content) + 16) // 64) * 64 - 16
        self.data += content.ljust(room, b"\0") + struct.pack("<HHIQ", len(content), 0, _sum(content), identifier)
        return identifier

    def node(self, identifier: int, content: bytes, parent: int, below: int = 0) -> None:
        self.nodes.append((identifier, self.block(content), below, parent))

    def page(self, kind: int, entries: list[bytes], size: int, most: int) -> int:
        place = len(self.data)
        listed = b"".join(entries).ljust(488, b"\0") + struct.pack("<BBBBI", len(entries), most, size, 0, 0)
        self.data += listed + struct.pack("<BBHIQ", kind, kind, 0, _sum(listed), place)
        return place


def _sum(data: bytes) -> int:
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _heap(kind: int, allocated: Sequence[bytes]) -> bytes:
    places, data = [12], b""
    for one in allocated:
        data += one
        places.append(12 + len(data))
    data += b"\0" * (len(data) % 2)
    head = struct.pack("<HBBII", 12 + len(data), 0xEC, kind, 0x20, 0)
    return head + data + struct.pack(f"<HH{len(places)}H", len(allocated), 0, *places)


def _properties(told: Properties) -> bytes:
    allocated: list[bytes] = [b"", b""]
    records = b""
    for (identifier, kind), value in sorted(told.items()):
        if kind == NUMBER:
            kept = struct.unpack("<I", value)[0]
        else:
            allocated.append(value)
            kept = len(allocated) << 5
        records += struct.pack("<HHI", identifier, kind, kept)
    allocated[:2] = struct.pack("<BBBBI", 0xB5, 2, 6, 0, 2 << 5), records
    return _heap(0xBC, allocated)


def _table(rows: Sequence[tuple[int, Properties]], columns: Sequence[tuple[int, int]]) -> bytes:
    """Each row: its id, and its values."""
    columns = sorted((*columns, (_ROW, NUMBER), (_VERSION, NUMBER)))
    order = [(_ROW, NUMBER), (_VERSION, NUMBER), *(one for one in columns if one[0] not in (_ROW, _VERSION))]
    four, marks = 4 * len(columns), -(-len(columns) // 8)
    allocated: list[bytes] = [b"", b"", b"", b""]
    matrix = b""
    for row, told in rows:
        cells, bits = b"", 0
        for place, column in enumerate(order):
            value = {(_ROW, NUMBER): number(row), (_VERSION, NUMBER): number(1)}.get(column) or told.get(column)
            if value is not None and column[1] != NUMBER:
                allocated.append(value)
                value = number(len(allocated) << 5)
            bits |= (value is not None) << (7 - place % 8)
            cells += value or bytes(4)
        matrix += cells + bytes([bits]) * marks
    described = b"".join(
        struct.pack("<HHHBB", kind, one, 4 * order.index((one, kind)), 4, order.index((one, kind))) for one, kind in columns
    )
    ends = (four, four, four, four + marks)
    allocated[0] = struct.pack("<BB4HIII", 0x7C, len(columns), *ends, 2 << 5, 4 << 5 if rows else 0, 0) + described
    allocated[1] = struct.pack("<BBBBI", 0xB5, 4, 4, 0, 3 << 5 if rows else 0)
    allocated[2] = b"".join(struct.pack("<II", row, place) for place, (row, _) in enumerate(rows))
    allocated[3] = matrix
    return _heap(0x7C, allocated)


def write_pst(path: Path, folder: str, messages: Sequence[Message]) -> Path:
    """A mailbox with one folder of messages."""
    file = _File()
    file.node(_STORE, _properties({(0x3001, UNICODE): text("Mail")}), 0)
    for identifier, name, parent in ((_ROOT, "", _ROOT), (_FOLDER, folder, _ROOT)):
        told = {(0x3001, UNICODE): text(name), (0x3602, NUMBER): number(len(messages)), (0x3603, NUMBER): number(0)}
        file.node(identifier, _properties(told), parent)
        folders = [_FOLDER] if identifier == _ROOT else []
        held = [] if folders else [_MESSAGE + 32 * place for place, _ in enumerate(messages)]
        for kind, rows in ((0x0D, folders), (0x0E, held), (0x0F, [])):
            file.node((identifier & ~0x1F) | kind, _table([(row, {}) for row in rows], []), 0)
    for place, message in enumerate(messages):
        file.node(_MESSAGE + 32 * place, _properties(message.properties), _FOLDER, _below(file, message))
    nodes = [struct.pack("<QQQII", one, block, below, parent, 0) for one, block, below, parent in sorted(file.nodes)]
    blocks = [struct.pack("<QQHHI", one, place, size, 2, 0) for one, place, size in sorted(file.blocks)]
    node_page, block_page = file.page(0x81, nodes, 32, 15), file.page(0x80, blocks, 24, 20)
    root = struct.pack("<IQQQQQQQQBBH", 0, len(file.data), 0x4400, 0, 0, node_page, node_page, block_page, block_page, 2, 0, 0)
    head = struct.pack("<HHHBBII", 0x4D53, 23, 19, 1, 1, 0, 0) + struct.pack("<QQI", 0, 4, 1) + bytes(128 + 8) + root + bytes(4)
    head = (head + b"\xff" * 256 + struct.pack("<BBHQ", 0x80, 0, 0, 0x1000)).ljust(516, b"\0")
    file.data[:564] = (b"!BDN" + struct.pack("<I", _sum(head[:471])) + head + struct.pack("<I", _sum(head))).ljust(564, b"\0")
    path.write_bytes(file.data)
    return path


def _below(file: _File, message: Message) -> int:
    """The block of what belongs to a message."""
    held: list[tuple[int, int, int]] = []
    rows = [(place, told) for place, told in enumerate(message.recipients, start=1)]
    columns = sorted({column for _, told in rows for column in told})
    held.append((_RECIPIENTS, file.block(_table(rows, columns)), 0))
    listed: list[tuple[int, Properties]] = []
    for place, one in enumerate(message.attachments):
        identifier = _ATTACHMENT + 32 * place
        held.append((identifier, file.block(_properties(one)), 0))
        listed.append((identifier, {}))
    if listed:
        held.append((_ATTACHMENTS, file.block(_table(listed, [])), 0))
    return file.block(_list(held), internal=True)


def _list(held: Sequence[tuple[int, int, int]]) -> bytes:
    return struct.pack("<BBHI", 2, 0, len(held), 0) + b"".join(struct.pack("<QQQ", *one) for one in sorted(held))
