"""Compound files that were cut short."""

from pathlib import Path

from kbray.parse import ole
from tests.writers.ole import write_ole


def test_a_file_that_ends_before_its_last_sector_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "x.doc"
    write_ole(path, {"WordDocument": b"a" * 9000, "1Table": b"b"})
    assert not ole.is_cut(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])  # some programs don't fill the last one up
    assert not ole.is_cut(path)
    path.write_bytes(whole[:-600])
    assert ole.is_cut(path)
    path.write_bytes(b"no compound file")
    assert not ole.is_cut(path)
