"""Archives and mailboxes: which files are in them, under which names, and what is told of those that can't be had."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path
from random import Random

import pytest

from kbray.config import Settings
from kbray.document.grading import grade
from kbray.errors import CorruptDocument, DocumentTooLarge, EmptyDocument
from kbray.model import Document, Metadata, Parsed, Window
from kbray.parse import boxes, engine_of
from kbray.parse.boxes.members import place
from kbray.parse.media import BZIP2, GZIP, MBOX, TAR, XZ, ZIP
from kbray.parse.sniff import sniff

FILES = {"a.txt": b"Tea.", "folder/b.md": b"# Rain\n", "folder/.hidden": b"x", "__MACOSX/a.txt": b"x", "~$c.docx": b"x"}
SEEN = {"a.txt": b"Tea.", "folder/b.md": b"# Rain\n"}


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("folder/"), b"")
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def tarred(path: Path, files: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        link = tarfile.TarInfo("folder/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def unpacked(path: Path, folder: Path, **settings: object) -> dict[str, bytes]:
    folder.mkdir()
    names = boxes.unpack(path, sniff(path, path.name), folder, Settings.model_validate(settings))
    assert len(list(folder.iterdir())) == len(names)
    return {name: (folder / str(number)).read_bytes() for number, name in enumerate(names)}


def listed(path: Path, **settings: object) -> Parsed:
    return boxes.parse(path, Window(), Settings.model_validate(settings), sniff(path, path.name))


@pytest.mark.parametrize(("mode", "kind"), [("", ZIP), ("w", TAR), ("w:gz", GZIP), ("w:bz2", BZIP2), ("w:xz", XZ)])
def test_files_of_archives(tmp_path: Path, mode: str, kind: str) -> None:
    path = tarred(tmp_path / "a", FILES, mode) if mode else zipped(tmp_path / "a", FILES)
    assert sniff(path, "a") == kind
    assert engine_of(kind) == "boxes"
    assert unpacked(path, tmp_path / "out") == SEEN
    parsed = listed(path)
    assert [element.text for element in parsed.elements] == [f"Attachment: {name}" for name in SEEN]
    assert all(element.target for element in parsed.elements)
    assert parsed.warnings == ()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_what_is_packed_alone_has_no_name_of_its_own(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    (tmp_path / "a.txt.gz").write_bytes(pack(b"Tea and rain, " * 9))
    assert unpacked(tmp_path / "a.txt.gz", tmp_path / "out") == {"": b"Tea and rain, " * 9}


@pytest.mark.parametrize(
    ("name", "below"),
    [
        ("../../etc/passwd", "etc/passwd"),
        ("/root/a.txt", "root/a.txt"),
        ("a\\b\\c.txt", "a/b/c.txt"),
        ("a//./b\n.txt", "a/b.txt"),
        ("..", None),
        ("a/.git/config", None),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_names_lead_nowhere_else(name: str, below: str | None) -> None:
    assert place(name) == below


@pytest.mark.parametrize("name", ["Документы/Письмо к другу о погоде.txt", "資料/日本語のファイル名です.txt"])
def test_names_in_the_code_page_of_a_machine(tmp_path: Path, name: str) -> None:
    raw = name.encode("cp866" if name < "я" else "cp932")
    zipped(tmp_path / "a.zip", {"x" * len(raw): b"Tea."})
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(b"x" * len(raw), raw))
    assert list(unpacked(tmp_path / "a.zip", tmp_path / "out")) == [name]


def test_what_can_not_be_had_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"good.txt": b"Tea.", "bad.txt": b"Rain, rain, rain.", "locked.txt": b"No."})
    data = bytearray(path.read_bytes())
    data[data.index(b"bad.txt") + 7] ^= 0xFF
    at = data.rindex(b"locked.txt") - 46
    data[at + 8] |= 1
    path.write_bytes(data)
    assert unpacked(path, tmp_path / "out") == {"good.txt": b"Tea."}
    damaged, locked = listed(path).warnings
    assert "'bad.txt' in it is damaged" in damaged
    assert locked == "'locked.txt' in it is protected by a password."


def test_bombs_and_bounds(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "a.zip", {"a.txt": b"Tea.", "bomb": bytes(30_000_000), "b.txt": b"Rain."})
    assert unpacked(bomb, tmp_path / "1") == {"a.txt": b"Tea.", "b.txt": b"Rain."}
    assert "max_unpack_ratio" in listed(bomb).warnings[0]
    packed = tmp_path / "b.gz"
    packed.write_bytes(gzip.compress(bytes(30_000_000)))
    assert unpacked(packed, tmp_path / "2") == {}
    many = zipped(tmp_path / "c.zip", {f"{number}.txt": b"Tea." for number in range(50)})
    assert len(unpacked(many, tmp_path / "3", max_archive_members=20)) == 20
    assert listed(many, max_archive_members=20).warnings == ("Only the first 20 files in it are read (max_archive_members).",)
    large = zipped(tmp_path / "d.zip", {f"{number}.txt": bytes(range(256)) * 1000 for number in range(9)})
    assert len(unpacked(large, tmp_path / "4", max_unpacked_bytes=600_000)) == 2
    assert "max_unpacked_bytes" in listed(large, max_unpacked_bytes=600_000).warnings[0]
    assert len(unpacked(large, tmp_path / "5", max_file_bytes=1000)) == 0
    with pytest.raises(DocumentTooLarge, match=r"'0\.txt' has more bytes than max_file_bytes"):
        listed(large, max_file_bytes=1000)


def test_torn_and_empty_archives(tmp_path: Path) -> None:
    whole = tarred(
        tmp_path / "a.tar.gz", {f"{number}.txt": Random(number).randbytes(9999) for number in range(9)}, "w:gz"
    ).read_bytes()
    (tmp_path / "torn.tar.gz").write_bytes(whole[: len(whole) // 2])
    found = unpacked(tmp_path / "torn.tar.gz", tmp_path / "out")
    assert 0 < len(found) < 9
    assert (
        "cut short" in listed(tmp_path / "torn.tar.gz").warnings[-1] or "damaged" in listed(tmp_path / "torn.tar.gz").warnings[-1]
    )
    (tmp_path / "torn.zip").write_bytes(zipped(tmp_path / "b.zip", FILES).read_bytes()[:60])
    with pytest.raises(CorruptDocument, match="can't be opened"):
        listed(tmp_path / "torn.zip")
    with pytest.raises(EmptyDocument, match="no file in it"):
        listed(zipped(tmp_path / "c.zip", {".hidden": b"x"}))


LETTER = "From: Ann <ann@example.org>\nSubject: =?utf-8?q?T=C3=A9_?= and\n rain\nDate: Sat, 28 Nov 2026 10:00:00 +0000\n\n"


def test_messages_of_a_mailbox(tmp_path: Path) -> None:
    path = tmp_path / "in.mbox"
    first, second = f"{LETTER}Hello.\n>From here on.\n>>From there.\nFrom 12 to 13.\n", f"{LETTER}Twice.\n"
    path.write_bytes(
        f"From ann@example.org Sat Nov 28 10:00:00 2026\n{first}\nFrom - Sat Nov 28 10:00:01 2026\n{second}\n".encode()
    )
    assert sniff(path, path.name) == MBOX
    said = unpacked(path, tmp_path / "out")
    assert list(said) == ["000001.eml", "000002.eml"]
    assert (
        said["000001.eml"].decode().rstrip()
        == first.replace("\n>From here", "\nFrom here").replace("\n>>From", "\n>From").rstrip()
    )
    assert said["000002.eml"].decode().rstrip() == second.rstrip()
    assert all(sniff(tmp_path / "out" / str(number), "a.eml") == "message/rfc822" for number in range(2))
    told = "Té and rain · Ann <ann@example.org> · Sat, 28 Nov 2026 10:00:00 +0000"
    assert [element.text for element in listed(path).elements] == [f"Attachment: 00000{number}.eml {told}" for number in (1, 2)]


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["META-INF/MANIFEST.MF", "A.class"], "application/java-archive"),
        (["AndroidManifest.xml", "classes.dex"], "application/java-archive"),
        (["a/__init__.py", "a-1.0.dist-info/WHEEL"], "application/x-wheel+zip"),
        (["Index/Document.iwa", "Data/1.jpg"], "application/vnd.apple.iwork"),
        (["[Content_Types].xml", "FixedDocumentSequence.fdseq"], "application/oxps"),
        (["[Content_Types].xml", "visio/document.xml"], "application/x-opc-package"),
        (["index.xml", "a.html"], ZIP),
    ],
)
def test_packages_of_programs_are_no_archives_of_documents(tmp_path: Path, names: list[str], kind: str) -> None:
    assert sniff(zipped(tmp_path / "a", dict.fromkeys(names, b"x")), "a") == kind


def test_a_list_of_names_is_no_bad_text(tmp_path: Path) -> None:
    parsed = listed(zipped(tmp_path / "a.zip", {f"{number:040x}.bcdfg": b"x" for number in range(40)}))
    document = Document("0" * 64, ZIP, "0" * 16, "boxes", parsed.elements, parsed.units, Metadata())
    assert grade(document).grade == "good"
