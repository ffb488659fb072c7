import zipfile
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument, DocumentTooLarge, EncryptedDocument
from kbray.parse.archive import Archive, resolve


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_reads_members_and_finds_them_by_other_spellings(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"Text/Cafe\u0301.xhtml": b"one", "b": b"two"})
    with Archive(path, Settings()) as archive:
        assert archive.names == ("Text/Cafe\u0301.xhtml", "b")
        assert archive.find("text/CAF\u00c9.xhtml") == "Text/Cafe\u0301.xhtml"
        assert archive.find("./b") == "b"
        assert archive.find("c") is None
        assert archive.read("b") == b"two"
        with pytest.raises(CorruptDocument, match="no member"):
            archive.read("c")


def test_no_end_header_is_corrupt(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": b"x" * 1000})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(CorruptDocument, match="can't be opened"):
        Archive(path, Settings())


def read_all(path: Path, limits: Settings) -> None:
    with Archive(path, limits) as archive:
        for name in archive.names:
            archive.read(name)


def test_a_damaged_member_is_corrupt_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("bad", b"AAAABBBB")
        archive.writestr("good", b"CCCC")
    path.write_bytes(path.read_bytes().replace(b"AAAABBBB", b"AAAAXBBB"))
    with Archive(path, Settings()) as archive:
        with pytest.raises(CorruptDocument, match="'bad' is damaged"):
            archive.read("bad")
        assert archive.read("good") == b"CCCC"


def test_limits_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{n}": b"\0" * 3_000_000 for n in range(3)})
    for setting, limits in (
        ("max_member_bytes", Settings(max_member_bytes=1_000_000)),
        ("max_unpack_ratio", Settings(max_unpack_ratio=50)),
        ("max_unpacked_bytes", Settings(max_unpacked_bytes=7_000_000, max_unpack_ratio=100_000)),
        ("max_archive_members", Settings(max_archive_members=2)),
    ):
        with pytest.raises(DocumentTooLarge, match=setting):
            read_all(path, limits)
    read_all(path, Settings(max_unpack_ratio=100_000))


def test_a_member_read_twice_counts_once(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": bytes(range(256)) * 4000})
    with Archive(path, Settings(max_unpacked_bytes=1_100_000)) as archive:
        assert archive.read("a") == archive.read("a")


def test_a_header_that_lies_about_its_size_is_still_bounded(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": b"\0" * 2_000_000})
    size = (2_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    with Archive(path, Settings(max_member_bytes=1_000_000)) as archive, pytest.raises((CorruptDocument, DocumentTooLarge)):
        archive.read("a")


def test_password(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": b"x"})
    raw = bytearray(path.read_bytes())
    raw[6] |= 1
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)
    with pytest.raises(EncryptedDocument, match="'a'"):
        read_all(path, Settings())


def test_names_never_climb_out() -> None:
    assert resolve("OEBPS/text/a.xhtml", "../img/b.png") == "OEBPS/img/b.png"
    assert resolve("a/b", "../../../../etc/passwd") == "etc/passwd"
    assert resolve("a/b", "/c") == "c"
    assert resolve("a/b", "..\\c") == "c"


def test_duplicates_are_told_and_the_last_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a", "second")
    with Archive(path, Settings()) as archive:
        assert archive.duplicates == ("a",)
        assert archive.read("a") == b"second"


def test_a_member_without_a_name_is_passed_by(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("QQ", "unreachable")
        archive.writestr("b", "there")
    path.write_bytes(path.read_bytes().replace(b"QQ", b"\0\0"))
    with Archive(path, Settings()) as found:
        assert found.names == ("b",)
        assert found.read("b") == b"there"
