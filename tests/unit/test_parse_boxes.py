"""Archives, compressed files and mailboxes: what comes out of them, what stays in them, and that both is told."""

import base64
import bz2
import gzip
import hashlib
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from kbray.config import MiB, Settings
from kbray.document.finish import finish
from kbray.errors import CorruptDocument, DocumentTooLarge, EmptyDocument, EncryptedDocument
from kbray.model import Parsed, Window
from kbray.parse import boxes, parse
from kbray.parse.boxes.names import decoded, safe
from kbray.parse.media import BZIP2, GZIP, MBOX, NUMBERS, RAR, SEVEN_ZIP, TAR, XZ, ZIP, ZSTD
from kbray.parse.sniff import sniff
from tests.writers.packed import rar, seven_zip

LIMITS = Settings()


def saved(tmp_path: Path, data: bytes, name: str = "box") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def zipped(**files: bytes) -> bytes:
    return zip_of(*((name.replace("__", "."), data) for name, data in files.items()))


def zip_of(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def tar_of(*files: tuple[str, bytes], links: tuple[tuple[str, bytes, str], ...] = ()) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for name, kind, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
    return out.getvalue()


def taken(tmp_path: Path, path: Path, limits: Settings = LIMITS) -> dict[str, bytes]:
    """What comes out of a box, by its name."""
    folder = tmp_path / f"out-{path.name}"
    folder.mkdir()
    names = boxes.unpack(path, sniff(path, path.name), folder, limits)
    assert {entry.name for entry in folder.iterdir()} == {str(number) for number in range(len(names))}
    return {name: (folder / str(number)).read_bytes() for number, name in enumerate(names)}


def told(path: Path, limits: Settings = LIMITS) -> Parsed:
    return parse(path, sniff(path, path.name), Window(), limits)


def texts(parsed: Parsed) -> list[str]:
    return [element.text.removeprefix("Attachment: ") for element in parsed.elements]


FILES = (("a.txt", b"Alpha"), ("deep/er/b.txt", b"Beta"), ("empty.txt", b""))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zip_of(*FILES), ZIP),
        (tar_of(*FILES), TAR),
        (gzip.compress(tar_of(*FILES)), GZIP),
        (bz2.compress(tar_of(*FILES)), BZIP2),
        (lzma.compress(tar_of(*FILES)), XZ),
        (zstd.compress(tar_of(*FILES)), ZSTD),
        (rar(*FILES), RAR),
    ],
)
def test_archives_keep_their_folders(tmp_path: Path, data: bytes, kind: str) -> None:
    path = saved(tmp_path, data)
    assert sniff(path, "x.bin") == kind
    assert taken(tmp_path, path) == dict(FILES)
    parsed = told(path)
    assert texts(parsed) == ["a.txt", "deep/er/b.txt", "empty.txt"]
    assert [element.target for element in parsed.elements] == [
        *(hashlib.sha256(data).hexdigest() for _, data in FILES[:2]),
        None,
    ]
    assert not parsed.failures


def test_a_tar_of_before_posix_is_known_by_its_checksum(tmp_path: Path) -> None:
    data = bytearray(tar_of(("a.txt", b"Alpha")))
    data[257:265] = bytes(8)
    data[148:156] = b"%06o\0 " % (sum(data[:148]) + 8 * 32 + sum(data[156:512]))
    path = saved(tmp_path, bytes(data))
    assert sniff(path, "a") == TAR
    assert taken(tmp_path, path) == {"a.txt": b"Alpha"}


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstd.compress])
def test_a_compressed_file_holds_one(tmp_path: Path, pack: object) -> None:
    path = saved(tmp_path, pack(b"Alone"))  # type: ignore[operator]  # one of three functions
    assert taken(tmp_path, path) == {boxes.UNNAMED: b"Alone"}
    assert texts(told(path)) == ["the file that was compressed"]


def test_gzip_may_tell_the_name(tmp_path: Path) -> None:
    with gzip.GzipFile(tmp_path / "x.gz", "wb", fileobj=(out := io.BytesIO())) as file:
        file.write(b"Alone")
    path = saved(tmp_path, out.getvalue(), "y.gz")
    assert list(taken(tmp_path, path)) == ["x"]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"../../etc/passwd", "etc/passwd"),
        (b"/etc/passwd", "etc/passwd"),
        (b"C:\\Users\\ann\\a.txt", "Users/ann/a.txt"),
        (b"a/./b//c.txt", "a/b/c.txt"),
        (b"a\nb\x1b[0m.txt", "ab[0m.txt"),
        (b"..", ""),
        (b"x" * 300 + b".txt", "x" * 196 + ".txt"),
    ],
)
def test_names_never_lead_elsewhere(raw: bytes, name: str) -> None:
    assert safe(raw) == name


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Übersicht für Jörg.txt", "cp437"),
        ("Ä.txt", "cp437"),
        ("café à la crème.txt", "cp437"),
        ("Отчёт за 2019 год.doc", "cp866"),
        ("報告書.txt", "cp932"),
        ("Übersicht.txt", "utf-8"),
    ],
)
def test_names_in_code_pages_are_decoded(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == text


def test_a_zip_without_the_mark_of_utf8(tmp_path: Path) -> None:
    """As Windows writes it in Russia: the name in the code page of MS-DOS."""
    data = zip_of(("XXXXX.txt", b"words")).replace(b"XXXXX", "Отчёт".encode("cp866"))
    assert list(taken(tmp_path, saved(tmp_path, data))) == ["Отчёт.txt"]


def test_hostile_and_double_names(tmp_path: Path) -> None:
    data = tar_of(("../a.txt", b"1"), ("a.txt", b"2"), ("/a.txt", b"3"), ("..", b"4"))
    assert taken(tmp_path, saved(tmp_path, data)) == {"a.txt": b"1", "a (2).txt": b"2", "a (3).txt": b"3", "file 4": b"4"}


def test_what_is_left_alone_in_folders_is_in_archives(tmp_path: Path) -> None:
    junk = ("__MACOSX/._a.txt", ".DS_Store", "a/.git/config", "a/Thumbs.db", "~$letter.docx")
    path = saved(tmp_path, zip_of(*((name, b"x") for name in junk), ("a.txt", b"Alpha")))
    assert taken(tmp_path, path) == {"a.txt": b"Alpha"}
    assert told(path).warnings == ("Hidden files, and what systems leave in folders, are left out: 5.",)
    with pytest.raises(EmptyDocument, match="no file in the archive, only 5 that are left out"):
        told(saved(tmp_path, zip_of(*((name, b"x") for name in junk)), "junk"))


def test_links_and_devices_are_not_followed(tmp_path: Path) -> None:
    links = (("l", tarfile.SYMTYPE, "/etc/passwd"), ("h", tarfile.LNKTYPE, "a.txt"), ("dev", tarfile.CHRTYPE, ""))
    path = saved(tmp_path, tar_of(("a.txt", b"Alpha"), links=links))
    assert taken(tmp_path, path) == {"a.txt": b"Alpha"}
    assert told(path).warnings == ("Links and devices are not followed: l, h, dev.",)
    link = zipfile.ZipInfo("l")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    path = saved(tmp_path, zip_of((link, b"/etc/passwd"), ("a.txt", b"Alpha")), "zip")
    assert taken(tmp_path, path) == {"a.txt": b"Alpha"}
    assert told(path).warnings == ("Links and devices are not followed: l.",)


def locked(data: bytes, name: bytes) -> bytes:
    """The bit that says so is set in both headers of the member."""
    out = bytearray(data)
    for mark, flags, length, names in ((b"PK\3\4", 6, 26, 30), (b"PK\1\2", 8, 28, 46)):
        at = -1
        while (at := out.find(mark, at + 1)) >= 0:
            if out[at + names : at + names + out[at + length]] == name:
                out[at + flags] |= 1
    return bytes(out)


def test_encrypted_members_are_told(tmp_path: Path) -> None:
    data = zip_of(("a.txt", b"Alpha"), ("b.txt", b"Beta"), ("c.txt", b"Gamma"))
    path = saved(tmp_path, locked(locked(data, b"b.txt"), b"c.txt"))
    assert taken(tmp_path, path) == {"a.txt": b"Alpha"}
    (failure,) = told(path).failures
    assert failure.code == "encrypted_document"
    assert failure.message.endswith("is protected by a password (b.txt, c.txt).")
    with pytest.raises(EncryptedDocument, match="Nothing can be taken out of the archive"):
        told(saved(tmp_path, locked(zip_of(("a.txt", b"Alpha")), b"a.txt"), "all"))


def test_damaged_members_are_told_and_the_others_taken(tmp_path: Path) -> None:
    data = bytearray(zip_of(("a.txt", b"Alpha" * 9), ("b.txt", b"Beta" * 9)))
    data[data.index(b"a.txt") + 7] ^= 0xFF
    path = saved(tmp_path, bytes(data))
    assert list(taken(tmp_path, path)) == ["b.txt"]
    assert [failure.code for failure in told(path).failures] == ["corrupt_document"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_an_archive_that_is_cut_short_gives_what_is_there(tmp_path: Path, pack: object) -> None:
    noise = hashlib.shake_256(b"").digest(200_000)
    data = pack(tar_of(("a.txt", b"Alpha"), ("b.bin", noise), ("c.txt", b"Gamma")))  # type: ignore[operator]
    path = saved(tmp_path, data[: len(data) * 3 // 4])
    assert taken(tmp_path, path).keys() == {"a.txt"}
    assert {failure.code for failure in told(path).failures} == {"corrupt_document"}
    with pytest.raises(CorruptDocument, match="cut short"):
        told(saved(tmp_path, tar_of(("a.txt", b"Alpha"))[:514], "short"))


def test_bombs_are_refused(tmp_path: Path) -> None:
    zeros = bytes(30 * MiB)
    for name, data in (
        ("zip", zip_of(("a.txt", b"Alpha"), ("zeros", zeros))),
        ("tgz", gzip.compress(tar_of(("a.txt", b"Alpha"), ("zeros", zeros)))),
        ("hidden", lzma.compress(tar_of(("a.txt", b"Alpha"), (".zeros", zeros)))),
    ):
        path = saved(tmp_path, data, name)
        assert taken(tmp_path, path) == {"a.txt": b"Alpha"}
        (failure,) = {failure.code: failure for failure in told(path).failures}.values()
        assert failure.code == "document_too_large"
        assert "max_unpack_ratio" in failure.message
        assert "kbray sync --reread" in failure.message
    with pytest.raises(DocumentTooLarge):
        told(saved(tmp_path, gzip.compress(zeros), "gz"))


def test_what_is_too_large_or_too_many_is_told(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"").digest(3 * MiB)
    small = Settings(max_file_bytes=2 * MiB, max_archive_members=3)
    for name, data in (("zip", zip_of(("big", noise), ("a.txt", b"x"))), ("tar", tar_of(("big", noise), ("a.txt", b"x")))):
        path = saved(tmp_path, data, name)
        assert taken(tmp_path, path, small) == {"a.txt": b"x"}
        assert boxes.parse(path, Window(), small, sniff(path, name)).failures[0].code == "document_too_large"
    many = tuple((f"{number}.txt", b"x") for number in range(5))
    path = saved(tmp_path, tar_of(*many), "many")
    assert len(taken(tmp_path, path, small)) == 3
    assert "max_archive_members" in told(path, small).failures[0].message
    with pytest.raises(DocumentTooLarge, match="max_archive_members"):
        told(saved(tmp_path, zip_of(*many), "zips"), small)


def test_nothing_in_it(tmp_path: Path) -> None:
    for name, data in (("zip", zip_of()), ("gz", gzip.compress(b"")), ("tar", tar_of(("a", b"")))):
        with pytest.raises(EmptyDocument):
            told(saved(tmp_path, data, name))


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (("META-INF/MANIFEST.MF", "a/B.class"), "application/java-archive"),
        (("AndroidManifest.xml", "META-INF/MANIFEST.MF"), "application/vnd.android.package-archive"),
        (("a/__init__.py", "a-1.0.dist-info/WHEEL"), "application/x-wheel+zip"),
        (("Index/Document.iwa", "Metadata/Properties.plist"), NUMBERS),
        (("doc.kml",), "application/vnd.google-earth.kmz"),
        (("backup/app.jar", "backup/META-INF/MANIFEST.MF"), ZIP),
        (("places/doc.kml",), ZIP),
    ],
)
def test_zips_that_are_something_else_are_no_boxes(tmp_path: Path, names: tuple[str, ...], kind: str) -> None:
    assert sniff(saved(tmp_path, zip_of(*((name, b"x") for name in names))), "a.zip") == kind


def test_a_list_of_names_is_no_garbled_text(tmp_path: Path) -> None:
    names = [f"DSC_{number:04}_xpqrt_bcdfghjk.JPG" for number in range(300)]
    parsed = told(saved(tmp_path, zip_of(*((name, name.encode()) for name in names))))
    done = finish([parsed], sha256="0" * 64, fingerprint="f", media_type=ZIP, expected=[Window()], failures=())
    assert done.result.quality is not None
    assert done.result.quality.grade == "good"


# ---------------------------------------------------------------- mailboxes


def message(number: int, subject: str, text: str = "words") -> bytes:
    head = f"From - Sat Jan  3 01:05:34 1996\nFrom: ann@example.org\nDate: Sat, 3 Jan 1996 01:05:{number:02} +0000\n"
    return f"{head}Message-ID: <{number}@x>\nSubject: {subject}\n\n{text}\n\n".encode()


def test_messages_of_a_mailbox(tmp_path: Path) -> None:
    quoted = ">From here on\n>>From there\nFrom nothing at all\n\nFrom me to you\nend"
    data = message(1, "=?utf-8?q?T=C3=A9a?=") + message(2, "Re: a/b", quoted) + message(3, "")
    path = saved(tmp_path, data)
    assert sniff(path, "inbox") == MBOX
    found = taken(tmp_path, path)
    assert list(found) == ["000001 Téa.eml", "000002 Re a b.eml", "000003 message.eml"]
    plain = "From here on\n>From there\nFrom nothing at all\n\nFrom me to you\nend\n"
    assert found["000002 Re a b.eml"].endswith(f"\n\n{plain}".encode())
    assert found["000001 Téa.eml"] == message(1, "=?utf-8?q?T=C3=A9a?=").partition(b"\n")[2][:-1]
    assert texts(told(path))[1] == "000002 Re a b.eml (Sat, 3 Jan 1996 01:05:02 +0000, ann@example.org)"


def test_a_message_stays_the_same_when_others_follow(tmp_path: Path) -> None:
    before = taken(tmp_path, saved(tmp_path, message(1, "One") + message(2, "Two"), "a"))
    after = taken(tmp_path, saved(tmp_path, message(1, "One") + message(2, "Two") + message(3, "Three"), "b"))
    assert before.items() < after.items()


def test_a_message_that_is_too_large_hides_none_behind_it(tmp_path: Path) -> None:
    data = message(1, "One") + message(2, "Two", "long words\n" * 9_000) + message(3, "Three")
    path = saved(tmp_path, data)
    folder = tmp_path / "out"
    folder.mkdir()
    names = boxes.unpack(path, MBOX, folder, Settings(max_file_bytes=50_000))
    assert names == ("000001 One.eml", "000003 Three.eml")
    (failure,) = boxes.parse(path, Window(), Settings(max_file_bytes=50_000), MBOX).failures
    assert "of the mailbox" in failure.message
    assert "(000002 Two.eml)" in failure.message


def test_a_long_first_message_is_in_a_mailbox_all_the_same(tmp_path: Path) -> None:
    path = saved(tmp_path, message(1, "One", "long words\n" * 9_000) + message(2, "Two"))
    assert sniff(path, "inbox") == MBOX
    assert len(taken(tmp_path, path)) == 2


def test_archives_one_behind_the_other_are_all_read(tmp_path: Path) -> None:
    path = saved(tmp_path, tar_of(("a.txt", b"one")) + tar_of(("b.txt", b"two")))
    assert taken(tmp_path, path) == {"a.txt": b"one", "b.txt": b"two"}


@pytest.mark.parametrize("cut", [2 * 512 + 100, None], ids=["in a header", "a damaged header"])
def test_a_header_that_is_none_is_told(tmp_path: Path, cut: int | None) -> None:
    data = bytearray(tar_of(("a.txt", b"one"), ("b.txt", b"two"), ("c.txt", b"three")))
    data[2 * 512 + 148 : 2 * 512 + 156] = b"99999999"
    read = boxes.parse(saved(tmp_path, bytes(data[:cut])), Window(), LIMITS, TAR)
    assert [one.text for one in read.elements] == ["Attachment: a.txt"]
    (failure,) = read.failures
    assert "damaged or cut short" in failure.message


def test_a_claim_of_terabytes_in_a_tar_costs_no_time_and_no_neighbour(tmp_path: Path) -> None:
    liar = tarfile.TarInfo("liar.bin")
    liar.size = 10**14
    path = saved(tmp_path, tar_of(("a.txt", b"Alpha"))[:1024] + liar.tobuf(tarfile.GNU_FORMAT) + tar_of(("z.txt", b"Omega")))
    parsed = told(path)
    assert texts(parsed) == ["a.txt"]
    assert [failure.code for failure in parsed.failures] == ["document_too_large", "corrupt_document"]
    assert "liar.bin" in parsed.failures[0].message
    assert "unexpected end of data" in parsed.failures[1].message


def test_a_member_for_which_there_is_no_room_leaves_it_to_the_others(tmp_path: Path) -> None:
    limits = Settings(max_unpacked_bytes=MiB)
    path = saved(tmp_path, zip_of(("1.txt", bytes(700_000)), ("2.txt", bytes(700_000)), ("3.txt", b"Gamma")))
    parsed = told(path, limits)
    assert texts(parsed) == ["1.txt", "3.txt"]
    assert "max_unpack_ratio allow" in parsed.failures[0].message


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_tar_that_was_cut_between_two_files_is_told(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    whole = tar_of(("a.txt", b"Alpha"), ("b.txt", b"Beta"))
    assert not told(saved(tmp_path, pack(whole))).failures
    (failure,) = told(saved(tmp_path, pack(whole[:1024]))).failures
    assert failure.code == "corrupt_document"
    assert "It has no mark at its end, so files may be missing" in failure.message


def test_an_archive_behind_another_one_tells_that_it_is_read_alone(tmp_path: Path) -> None:
    first = zipped(a__txt=b"Alpha")
    parsed = told(saved(tmp_path, first + zipped(b__txt=b"Beta")))
    assert texts(parsed) == ["b.txt"]
    assert f"{len(first)} bytes stand before the archive at its end" in parsed.failures[0].message


def test_damage_without_words_of_its_own_is_named(tmp_path: Path) -> None:
    damaged = bytearray(zip_of((zipfile.ZipInfo("a.txt"), b"Alpha"), ("b.txt", b"Beta")))
    directory = damaged.index(b"PK\x01\x02")
    damaged[directory + 10 : directory + 12] = damaged[8:10] = b"\0\0"
    damaged[directory + 20 : directory + 28] = b"\xff\xff\0\0" * 2
    parsed = told(saved(tmp_path, bytes(damaged)))
    assert texts(parsed) == ["b.txt"]
    assert "EOFError" in parsed.failures[0].message


def test_holes_of_files_in_a_tar_archive_are_bounded(tmp_path: Path) -> None:
    """Sparse files: they take 512 bytes in the archive, and gigabytes outside of it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for number in range(4):
            info = tarfile.TarInfo(f"{number}.bin")
            info.pax_headers = {"GNU.sparse.map": "0,0", "GNU.sparse.size": str(300 * MiB), "GNU.sparse.name": f"{number}.bin"}
            archive.addfile(info)
    path = saved(tmp_path, out.getvalue())
    with pytest.raises(DocumentTooLarge, match="max_unpack_ratio"):
        boxes.parse(path, Window(), LIMITS, TAR)
    assert taken(tmp_path, path) == {}


SPOILT = (
    base64.b64decode(  # a TAR archive packed by bzip2, a few of its bytes changed: libbzip2 calls that an error of its caller
        "QlpoOTFBWSZTWaW0tDoABRP//++f/f/r+//8v///v////+/3v/v3817+/v9fvfvf///twAH8dXbM5IABoAAAAA0ANDQ9QAAAAAAZAANAA0AAAAADQA0AGgBo"
        "AGmT1NB6m1BkmgGgA0AANBoAAAMgAAAYgBoA0AAAANAAZAABoAZADQADQGgBtQQqow9QTBoMo00wnqbQATE9EzUwJk9Q9CbJMAnoBGmQ9ANGjSZBk0bRNpND"
        "BqYGgTNT0mBqGAmCeiGTEYmDKpkRqDR6TRpiDRk0ZNPU8o0NMR6mTTTRpoMR6mQDTTTNIGhpkDEaepiPSNpNNNMgPRGEDNEG1AZomjTNIGh6ho2i4jNkZUD/"
        "IEJCAglAJKpSqVq1xCYjFghIQoIxRGIJLV0fUSTpf0tcwQtSEU/LasEpEwvibn3uI3c0TFs2ZdL+y9z7VnznMbUozL9gsGe79jiLb9lvr9Gut+ZJ4xjMT+Qv"
        "3cjQkP6BIAJJoobPO8nGVMOg81ku7hTUIKG3HpN8n0P6pvvX7YSC2eI7fwZtiNl7ZiRCBWnihBaARGdcBBAEA5ghAgGaIRI4xD1weoinUkYlHoUybT0bdySt"
        "JZuleCFBBQQSEJGNILM4gTECa0Ah6kiA7w/NJtJ1anflGVp/up51W4OnlmiuEtlNsypuw5MtyEfsYJareKASO5oO9gkyTnUgW/E03RKB5s0SDyLgY+dxtCAa"
        "BkhuEAdfzddpHeXtvTNkoIupsAEEk+fOEaDTdho+gRk/dJwAQSSviXRZmHuFQe+3nQoz6FKl+8pg+L/nE/++pDC9IcO12n+MZBDR8ggWEMnY6YhSCIAAiIqp"
        "lfUpUQh6DWYIUDU2TkB1TAA7iCYkc6KY+njchFnStgXSGH40j+w/fbDEHeLyVMUg10sMKjRCcsppTdOOqNEDN9hFCSI/aBihC4Tw1ezuYokct8xOVdCYlpRB"
        "Zhr3oUPAZW3EleirjxF+nXd6oNy/yxcMWIzz99vmB0WuuVx/e/y1pnhcVoE8BMUt1AdTTFBzKJIN/Z4xEEDgBv4LW5ESbqjPcP5nRx1FBwE6ZCnlXER13z6/"
        "wQDpfox9pvEDA1YIWW3O24b5qIILj5BWrS4EbVEubhs9sMeLYAgiP4AYJL4u3cIAABuIhVKXCg1Nk3wukae3UhdHwAQA6Rga2RTgR5r+Df4u5IpwoSFLaWg2"
    )
)


def test_what_libbzip2_calls_an_error_of_ours_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.bz2"
    path.write_bytes(SPOILT)
    with pytest.raises(CorruptDocument, match="damaged"):
        told(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_mailbox_in_whatever_encoding_has_its_messages(tmp_path: Path, encoding: str) -> None:
    text = (message(1, "One", "Grüße " * 20) + message(2, "Two", "long words\n" * 30_000) + message(3, "Three")).decode()
    path = saved(tmp_path, text.encode(encoding), "other")
    assert sniff(path, "inbox") == MBOX
    assert taken(tmp_path, path) == taken(tmp_path, saved(tmp_path, text.encode(), "usual"))


@pytest.mark.parametrize("packed", [b"one " * 999, tar_of(("a.txt", b"one " * 999))], ids=["a file", "an archive"])
def test_bytes_behind_a_compressed_file_take_nothing_with_them(tmp_path: Path, packed: bytes) -> None:
    path = saved(tmp_path, gzip.compress(packed) + b"signature of the sender")
    assert list(taken(tmp_path, path).values()) == [b"one " * 999]
    (failure,) = told(path).failures
    assert "behind the end of the compressed file" in failure.message


def test_an_entry_that_follows_no_format_shuts_no_archive(tmp_path: Path) -> None:
    good = zip_of(("good.txt", b"one"), ("bäd.txt", b"two"), ("other.txt", b"three"))
    name = good.replace("bäd.txt".encode(), b"b\xe4d!.txt"[:8])
    assert list(taken(tmp_path, saved(tmp_path, name, "name")).values()) == [b"one", b"two", b"three"]
    field = zipfile.ZipInfo("bad.txt")
    field.extra = struct.pack("<HH", 0xCAFE, 4) + b"1234"
    data = zip_of(("good.txt", b"one"), (field, b"two"), ("other.txt", b"three"))
    longer = data.replace(struct.pack("<HH", 0xCAFE, 4), struct.pack("<HH", 0xCAFE, 99))
    assert list(taken(tmp_path, saved(tmp_path, longer, "longer")).values()) == [b"one", b"two", b"three"]
    at = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    false = data[:at] + data[at:].replace(struct.pack("<HH", 0xCAFE, 4), struct.pack("<HH", 1, 4)).replace(
        struct.pack("<II", 3, 3), struct.pack("<II", 3, 0xFFFFFFFF)
    )
    path = saved(tmp_path, false, "false")
    assert list(taken(tmp_path, path).values()) == [b"one", b"three"]
    assert "bad.txt" in told(path).failures[0].message


# ---------------------------------------------------------------- what 7-Zip reads for us


@pytest.mark.parametrize("solid", ["on", "off"])
def test_7z(tmp_path: Path, solid: str) -> None:
    path = saved(tmp_path, seven_zip(tmp_path, *FILES, (".DS_Store", b"x"), options=(f"-ms={solid}",)))
    assert sniff(path, "x") == SEVEN_ZIP
    assert taken(tmp_path, path) == dict(FILES)
    assert sorted(texts(told(path))) == sorted(name for name, _ in FILES)
    assert told(path).warnings == ("Hidden files, and what systems leave in folders, are left out: 1.",)


def test_names_of_any_signs_come_out(tmp_path: Path) -> None:
    files = (("-a*.txt", b"1"), ("@b?.txt", b"2"), ("new\nline.txt", b"3"), ("Отчёт 報告.txt", b"4"), ("link", b"5"))
    path = saved(tmp_path, seven_zip(tmp_path, *files))
    assert sorted(taken(tmp_path, path).values()) == [b"1", b"2", b"3", b"4", b"5"]


def test_of_a_damaged_7z_the_rest_comes_out(tmp_path: Path) -> None:
    noise = [(f"{number}.bin", hashlib.sha256(bytes([number])).digest() * 3000) for number in range(5)]
    data = bytearray(seven_zip(tmp_path, *noise, options=("-mx=0", "-ms=off")))
    data[32 + 96_000 + 5000] ^= 1
    path = saved(tmp_path, bytes(data))
    out = taken(tmp_path, path)
    assert out == {name: content for name, content in noise if name != "1.bin"}
    assert [failure.message for failure in told(path).failures] == [
        "Not everything could be taken out of the archive: It is damaged (1.bin)."
    ]


def test_a_solid_7z_that_is_damaged_gives_what_stands_before(tmp_path: Path) -> None:
    noise = [
        (f"{number}.txt", b"".join(hashlib.sha256(bytes([number, place])).digest() for place in range(200)))
        for number in range(5)
    ]
    data = bytearray(seven_zip(tmp_path, *noise, options=("-ms=on", "-mx=1")))
    data[20_000] ^= 0x55
    path = saved(tmp_path, bytes(data))
    out = taken(tmp_path, path)
    assert 1 <= len(out) < 5
    assert out.items() <= dict(noise).items()
    said = " ".join(failure.message for failure in told(path).failures)
    assert all(name in out or name in said for name, _ in noise)


def test_a_7z_with_a_password(tmp_path: Path) -> None:
    path = saved(tmp_path, seven_zip(tmp_path, *FILES, options=("-psecret",)))
    assert taken(tmp_path, path) == {"empty.txt": b""}
    (failure,) = told(path).failures
    assert failure.code == "encrypted_document"
    assert failure.message.endswith("It is protected by a password (a.txt, deep/er/b.txt).")
    with pytest.raises(EncryptedDocument, match="archive is protected by a password"):
        told(saved(tmp_path, seven_zip(tmp_path, *FILES, options=("-psecret", "-mhe")), "locked"))
    with pytest.raises(EncryptedDocument, match="protected by a password"):
        told(saved(tmp_path, rar(*FILES[:2], locked=True), "rar"))


def test_a_7z_in_volumes_is_told(tmp_path: Path) -> None:
    noise = hashlib.shake_256(b"x").digest(50_000)
    seven_zip(tmp_path, ("a.bin", noise), options=("-v20k",), suffix=".7z.001")
    with pytest.raises(
        CorruptDocument, match=r"Unexpected end of archive\. It may have been cut short, or be one of several volumes"
    ):
        told(tmp_path / "made.7z.001")


def test_a_rar_says_what_is_cut_off(tmp_path: Path) -> None:
    whole = rar(("a.txt", b"Alpha" * 1000), ("b.txt", b"Beta" * 1000))
    path = saved(tmp_path, whole[:7000])
    assert taken(tmp_path, path) == {"a.txt": b"Alpha" * 1000}
    assert {failure.message for failure in told(path).failures} == {
        "Not everything could be taken out of the archive: It is damaged (b.txt).",
        "Not everything could be taken out of the archive: It can't be read to its end: Unexpected end of archive.",
    }
    between = saved(tmp_path, whole[: whole.index(b"b.txt") - 10], "between")  # of b.txt nothing is told
    assert taken(tmp_path, between) == {"a.txt": b"Alpha" * 1000}
    assert "Unexpected end of archive" in told(between).failures[0].message
    with pytest.raises(CorruptDocument, match="can't be opened"):
        told(saved(tmp_path, whole[:12], "head"))


def test_files_without_sums_come_out_of_a_rar(tmp_path: Path) -> None:
    whole = rar(*FILES, sums=False)
    assert taken(tmp_path, saved(tmp_path, whole)) == dict(FILES)
    cut = saved(tmp_path, whole[: whole.index(b"Beta") + 2], "cut")
    assert taken(tmp_path, cut) == {"a.txt": b"Alpha"}
    assert "It is damaged (deep/er/b.txt)" in told(cut).failures[0].message


def test_links_in_a_rar_are_told(tmp_path: Path) -> None:
    path = saved(tmp_path, rar(*FILES, links=(("up", "../.."),)))
    assert taken(tmp_path, path) == dict(FILES)
    assert told(path).warnings == ("Links and devices are not followed: up.",)


def test_what_a_7z_may_unpack_to_is_bounded(tmp_path: Path) -> None:
    bomb = seven_zip(tmp_path, ("small.txt", b"words"), ("zeros.bin", bytes(40 * MiB)), options=("-ms=off",))
    path = saved(tmp_path, bomb)
    assert list(taken(tmp_path, path)) == ["small.txt"]
    assert "max_unpack_ratio" in told(path).failures[0].message
    small = Settings(max_file_bytes=MiB)
    assert "1,048,576 bytes (max_file_bytes and max_unpacked_bytes)" in told(path, small).failures[0].message
    many = saved(tmp_path, seven_zip(tmp_path, *((f"{number}", b"x") for number in range(20))), "many")
    with pytest.raises(DocumentTooLarge, match="max_archive_members"):
        told(many, Settings(max_archive_members=10))


def test_of_a_zstd_file_that_is_cut_nothing_is_made_up(tmp_path: Path) -> None:
    path = saved(tmp_path, zstd.compress(hashlib.shake_256(b"x").digest(500_000))[:300_000])
    with pytest.raises(CorruptDocument, match="damaged or cut short"):
        told(path)
