"""Pictures that float in an old Word file: shapes which text is anchored to, and the store of what they show ([MS-ODRAW])."""

import struct
from collections.abc import Iterator

from kbray.parse.office import blips
from kbray.parse.office.slides97_file import Record, Stream

_STORE, _CANVAS, _GROUP, _SHAPE, _SHAPE_ATOM = 0xF001, 0xF002, 0xF003, 0xF004, 0xF00A
_PICTURES = (0x0104, 0x0186)  # properties of shapes: the picture that one is, or is filled with
_ANCHOR = 26  # bytes of what is told of one, its shape first
_DEEPEST = 100  # groups within groups


def floating(drawings: bytes, anchors: bytes) -> dict[int, list[int]]:
    """By places in the text, where in the stream WordDocument the pictures begin that are anchored there.

    drawings: the store, and behind it the shapes of the document and of its headers. anchors: the places of shapes.
    Raises: struct.error: that is broken.
    """
    stream = Stream(drawings)
    store = stream.record(0)
    if store is None:
        return {}
    entries = [record for record in stream.children(stream.child(store, _STORE)) if record.kind == blips.ENTRY]
    places = [blips.place(stream.content(record)) for record in entries]
    shown = dict(_shapes(stream, store.end))
    count = len(anchors) // (4 + _ANCHOR)
    found: dict[int, list[int]] = {}
    for number in range(count):
        (at,) = struct.unpack_from("<I", anchors, 4 * number)
        (shape,) = struct.unpack_from("<I", anchors, 4 * (count + 1) + _ANCHOR * number)
        pictures = [places[one - 1] for one in shown.pop(shape, ()) if 0 < one <= len(places)]  # it is in one place
        found.setdefault(at, []).extend(pictures)
    return found


def _shapes(stream: Stream, at: int) -> Iterator[tuple[int, list[int]]]:
    """The number of each shape or group that lies on a page itself, and those of the pictures it shows."""
    while (drawing := stream.record(at + 1)) is not None and drawing.kind == _CANVAS:  # a byte tells whose it is
        at = drawing.end
        for shape in stream.children(stream.child(drawing, _GROUP)):
            atom = stream.child(shape if shape.kind == _SHAPE else stream.child(shape, _SHAPE), _SHAPE_ATOM)
            if atom is not None:
                yield stream.values(atom, "<I")[0], list(_pictures(stream, shape, 0))


def _pictures(stream: Stream, shape: Record, depth: int) -> Iterator[int]:
    if shape.kind == _GROUP and depth < _DEEPEST:
        for inner in stream.children(shape):
            yield from _pictures(stream, inner, depth + 1)
    elif shape.kind == _SHAPE:
        told = (stream.properties(shape).get(kind) for kind in _PICTURES)
        yield from (number for number in told if isinstance(number, int) and number)
