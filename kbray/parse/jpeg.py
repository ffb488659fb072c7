"""JPEG files whose head repeats itself: Pillow puts all Exif segments together, in the square of the time that one takes."""

import io
from pathlib import Path
from typing import IO

_START, _EXIF = b"\xff\xd8", b"\xff\xe1"
_MOST = 16  # segments of 64 KiB; cameras write one
_SCAN = 0xDA


def lean(source: Path | io.BytesIO) -> Path | io.BytesIO:
    """What it is given; or a copy without the Exif segments that follow on the first ones."""
    if isinstance(source, io.BytesIO):
        copy = _copied(source)
        source.seek(0)
    else:
        with source.open("rb") as file:
            copy = _copied(file)
    return copy or source


def _copied(file: IO[bytes]) -> io.BytesIO | None:
    """None: it is as it should be, or no JPEG."""
    kept, exif = [file.read(2)], 0
    if kept[0] != _START:
        return None
    while len(mark := file.read(4)) == 4 and mark[0] == 0xFF and mark[1] not in (_SCAN, 0xFF):
        segment = file.read(max(0, int.from_bytes(mark[2:]) - 2))
        is_exif = mark[:2] == _EXIF and segment.startswith(b"Exif\0\0")
        exif += is_exif
        if not (is_exif and exif > _MOST):
            kept += (mark, segment)
    return io.BytesIO(b"".join((*kept, mark, file.read()))) if exif > _MOST else None
