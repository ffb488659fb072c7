"""What a message of Outlook says it holds and doesn't: programs show the rest of it without a word ([MS-OXMSG] 2.4)."""

import struct
from collections.abc import Iterator
from dataclasses import replace

from oxmsg.storage import Storage, Stream

MESSAGE_HEAD, INNER_HEAD = 32, 24
"""Bytes before the properties of a message, and of one inside another."""
_PART_HEAD = 8  # … of a recipient and of an attachment
_PARTS = ("__recip_version1.0_#", "__attach_version1.0_#")  # how the names of their storages begin
_ENTRY = struct.Struct("<HHII4x")  # type, number, flags, size
_COUNTS = struct.Struct("<16xII")  # in the head of a message: of recipients, of attachments
_UNTOLD_END = {0x1E: 1, 0x1F: 2, 0x102: 0}  # type of a property → bytes of the zero behind a text, which its size counts only
_SHOWN = {
    **{0x37: "the subject", 0x1000: "the text", 0x1013: "the text as a web page", 0x3701: "an attachment"},
    **dict.fromkeys((0x0C1A, 0x0C1F), "the sender"),
    **dict.fromkeys((0x3001, 0x3003), "a name or an address"),
}
"""Properties that are read, and what is lost with them."""
_TOLD = "of the message is not in the file, or cut short: it is damaged; fetch it again."


def mended(storage: Storage, head: int) -> tuple[Storage, tuple[str, ...]]:
    """A message with an empty stream for each property that has none, of its parts, too; and what to tell of those that are read.

    Args: head: how many bytes stand before its properties.
    Raises: KeyError: it has no list of properties.
    """
    parts = [_mended(one, _PART_HEAD) if one.name.startswith(_PARTS) else (one, ()) for one in storage.storages]
    whole, lost = _mended(replace(storage, storages=tuple(one for one, _ in parts)), head)
    told = (*lost, *_short(storage, head), *(one for _, several in parts for one in several))
    return whole, tuple(dict.fromkeys(told))


def _mended(storage: Storage, head: int) -> tuple[Storage, tuple[str, ...]]:
    held = {stream.name: len(stream.bytes_) for stream in storage.streams}
    told = storage.properties_stream_bytes
    missing: list[Stream] = []
    lost: dict[str, None] = {}
    for kind, number, _, size in _ENTRY.iter_unpack(told[head : head + (len(told) - head) // _ENTRY.size * _ENTRY.size]):
        if kind in _UNTOLD_END:
            name = f"__substg1.0_{number:04X}{kind:04X}"
            if name not in held:
                missing.append(Stream(f"{storage.path}/{name}", b""))
            if number in _SHOWN and held.get(name, 0) + _UNTOLD_END[kind] < size:
                lost[f"{_SHOWN[number].capitalize()} {_TOLD}"] = None
    return replace(storage, streams=(*storage.streams, *missing)), tuple(lost)


def _short(storage: Storage, head: int) -> Iterator[str]:
    """What to tell of a message with fewer parts than its head says."""
    told = storage.properties_stream_bytes
    if len(told) <= head:
        yield f"The list of what belongs to it {_TOLD}"
        return
    counts = _COUNTS.unpack_from(told)
    for what, count, name in zip(("recipients", "attachments"), counts, _PARTS, strict=True):
        there = sum(one.name.startswith(name) for one in storage.storages)
        if there < count:
            yield f"Of {count:,} {what} of the message {there:,} are in the file: it is damaged; fetch it again."
