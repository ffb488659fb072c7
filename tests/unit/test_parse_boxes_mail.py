"""Mailboxes of Outlook and what it sends as winmail.dat: messages and files come out of them, and what doesn't is told."""

import base64
import struct
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Parsed, Window
from kbray.parse import boxes, office, parse
from kbray.parse.media import EML, PST, TNEF
from kbray.parse.packed_rtf import unpacked
from kbray.parse.sniff import sniff
from tests.writers.pst import BINARY, NUMBER, OBJECT, TIME, UNICODE, Message, number, text, write_pst

PACKED_RTF = base64.b64decode("LQAAACsAAABMWkZ18cXHpwMACgByY3BnMTI1QjIK8yBoZWwJACBidwWwbGR9CoAPoA==")
"""`{\\rtf1\\ansi\\ansicpg1252\\pard hello world}`, the example of [MS-OXRTFCP], 3.1.1."""
CLASS = {(0x1A, UNICODE): text("IPM.Note")}
MINUTES = {
    **CLASS,
    (0x37, UNICODE): text("\x01\x05Re: Tee & Öl?"),
    (0x1000, UNICODE): text("Höher und wärmer."),
    (0xC1A, UNICODE): text("Zoë Lee"),
    (0xC1F, UNICODE): text("zoe@example.org"),
    (0xE06, TIME): struct.pack("<Q", 132_000_000_000_000_000),
}
BO = {(0xC15, NUMBER): number(1), (0x3001, UNICODE): text("Bo"), (0x39FE, UNICODE): text("bo@example.org")}
PLAN = {(0x3707, UNICODE): text("Übersicht.txt"), (0x3701, BINARY): b"one two"}


def taken(folder: Path, path: Path) -> dict[str, Path]:
    out = folder / f"out-{path.name}"
    out.mkdir()
    names = boxes.unpack(path, sniff(path, path.name), out, Settings())
    return {name: out / str(place) for place, name in enumerate(names)}


def read(path: Path, media_type: str | None = None) -> Parsed:
    return parse(path, media_type or sniff(path, path.name), Window(), Settings())


def texts(parsed: Parsed) -> list[str]:
    return [element.text for element in parsed.elements]


def test_messages_of_outlook_come_out_as_mail(tmp_path: Path) -> None:
    path = write_pst(tmp_path / "mail.pst", "In/box", [Message(MINUTES, [BO], [PLAN])])
    assert sniff(path, "x") == PST
    (element,) = read(path).elements
    assert (
        element.text == "Attachment: In box/000001 Re Tee & Öl.eml (Wed, 17 Apr 2019 18:40:00 +0000, Zoë Lee <zoe@example.org>)"
    )
    ((name, mail),) = taken(tmp_path, path).items()
    assert name == "In box/000001 Re Tee & Öl.eml"
    assert sniff(mail, name) == EML
    assert texts(read(mail)) == [
        "Re: Tee & Öl?",
        "From: Zoë Lee <zoe@example.org>\nTo: Bo <bo@example.org>\nDate: Wed, 17 Apr 2019 18:40:00 +0000",
        "Höher und wärmer.",
        "Attachment: Übersicht.txt",
    ]
    (tmp_path / "attached").mkdir()
    assert office.unpack(mail, EML, tmp_path / "attached", Settings()) == ("Übersicht.txt",)
    assert (tmp_path / "attached" / "0").read_bytes() == b"one two"


def test_a_message_is_the_same_whatever_else_is_in_the_mailbox(tmp_path: Path) -> None:
    one, two = Message(MINUTES, [BO], [PLAN]), Message({**MINUTES, (0x37, UNICODE): text("Two")})
    before = taken(tmp_path, write_pst(tmp_path / "a.pst", "Inbox", [one]))
    after = taken(tmp_path, write_pst(tmp_path / "b.pst", "Inbox", [one, two]))
    assert [file.read_bytes() for file in before.values()] == [file.read_bytes() for file in after.values()][:1]


def test_a_message_has_its_richest_text_and_the_header_it_came_with(tmp_path: Path) -> None:
    header = "Received: from a by b;\r\n\tMon\r\nSubject: As it was\r\nContent-Type: text/plain\r\n"
    header += "Date: Mon, 1 Jan 2001 00:00:00 +0000\r\n"
    page = {(0x1013, BINARY): "<p>Über <b>rich</b></p>".encode("cp1252"), (0x3FDE, NUMBER): number(1252)}
    rich = Message({**MINUTES, **page, (0x7D, UNICODE): text(header)})
    packed = Message({**CLASS, (0x37, UNICODE): text("Packed"), (0x1009, BINARY): PACKED_RTF})
    files = list(taken(tmp_path, write_pst(tmp_path / "a.pst", "Inbox", [rich, packed, Message(CLASS)])).values())
    assert texts(read(files[0])) == [
        "As it was",
        "From: Zoë Lee <zoe@example.org>\nDate: Mon, 01 Jan 2001 00:00:00 +0000",
        "Über rich",
    ]
    assert texts(read(files[1], EML)) == ["Packed", "hello world"]
    assert b"MIME-Version" in files[2].read_bytes()


def test_a_message_that_is_attached_is_told_not_lost_in_silence(tmp_path: Path) -> None:
    inner = {(0x3001, UNICODE): text("The old one"), (0x3705, NUMBER): number(5)}
    drawn = {(0x3001, UNICODE): text("a chart"), (0x3701, OBJECT): bytes(8), (0x3705, NUMBER): number(6)}
    parsed = read(write_pst(tmp_path / "a.pst", "Inbox", [Message(MINUTES, [BO], [inner, drawn, PLAN])]))
    places = "Inbox/000001 Re Tee & Öl/The old one, Inbox/000001 Re Tee & Öl/a chart"
    assert f"save them from Outlook as files of their own ({places})" in parsed.failures[0].message
    assert len(parsed.elements) == 1


def test_a_packed_text_that_is_damaged_takes_nothing_with_it(tmp_path: Path) -> None:
    for damaged, shown in ((PACKED_RTF[:30], 3), (b"none", 2)):
        message = Message({**CLASS, (0x37, UNICODE): text("Packed"), (0x1009, BINARY): damaged}, [], [PLAN])
        path = write_pst(tmp_path / f"{shown}.pst", "Inbox", [message])
        assert "It is damaged or cut short (Inbox/000001 Packed/its text)" in read(path).failures[0].message
        ((_, mail),) = taken(tmp_path, path).items()
        assert texts(read(mail, EML))[-1] == "Attachment: Übersicht.txt"


def test_a_mailbox_that_is_cut_short_is_told(tmp_path: Path) -> None:
    path = write_pst(tmp_path / "a.pst", "Inbox", [Message(MINUTES)])
    path.write_bytes(path.read_bytes()[:-600])
    with pytest.raises(CorruptDocument, match="It is damaged or cut short"):
        read(path)
    with pytest.raises(CorruptDocument, match="nothing tells what it is"):
        read(write_pst(tmp_path / "b.pst", "Inbox", [Message({(0x37, UNICODE): text("Of no class")})]))


# ---------------------------------------------------------------- winmail.dat


def attribute(level: int, identifier: int, value: bytes) -> bytes:
    return struct.pack("<BII", level, identifier, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*told: tuple[int, int, bytes]) -> bytes:
    """Of texts and bytes: number, type, value."""
    data = struct.pack("<I", len(told))
    for identifier, kind, value in told:
        data += struct.pack("<HHII", kind, identifier, 1, len(value)) + value + bytes(-len(value) % 4)
    return data


def winmail(*attributes: bytes) -> bytes:
    return b"\x78\x9f\x3e\x22\x01\x00" + b"".join(attributes)


RENDERED = attribute(2, 0x69002, bytes(14))


def test_files_and_text_of_winmail(tmp_path: Path) -> None:
    long_name = properties((0x3707, 0x1F, text("Übersicht der Pläne.txt")))
    inner = bytes.fromhex("0703020000000000c000000000000046") + winmail(attribute(1, 0x2800C, b"Inner words\0"))
    message = properties((0x3001, 0x1F, text("The old one")), (0x3701, 0x0D, inner))
    data = winmail(
        attribute(1, 0x69003, properties((0x1009, 0x102, PACKED_RTF))),
        RENDERED + attribute(2, 0x18010, b"BERSI~1.TXT\0") + attribute(2, 0x6800F, b"one two") + attribute(2, 0x69005, long_name),
        RENDERED + attribute(2, 0x69005, message),
    )
    (tmp_path / "winmail.dat").write_bytes(data)
    assert sniff(tmp_path / "winmail.dat", "winmail.dat") == TNEF
    found = taken(tmp_path, tmp_path / "winmail.dat")
    assert list(found) == ["message.rtf", "Übersicht der Pläne.txt", "The old one.tnef"]
    assert texts(read(found["message.rtf"])) == ["hello world"]
    assert found["Übersicht der Pläne.txt"].read_bytes() == b"one two"
    assert [file.read_bytes() for file in taken(tmp_path, found["The old one.tnef"]).values()] == [b"Inner words"]


def test_damage_of_winmail_is_told(tmp_path: Path) -> None:
    whole = winmail(
        attribute(1, 0x2800C, b"Words"), RENDERED + attribute(2, 0x18010, b"a.txt\0") + attribute(2, 0x6800F, b"one two")
    )
    (tmp_path / "changed").write_bytes(whole.replace(b"one two", b"one too"))
    (tmp_path / "cut").write_bytes(whole[:-5])
    for name, why in (("changed", "a checksum in it is not that of what it stands for"), ("cut", "5 bytes are missing")):
        parsed = read(tmp_path / name)
        assert why in parsed.failures[0].message
        assert texts(parsed)[0] == "Attachment: message.txt"


def test_a_packed_text_of_winmail_that_is_damaged_is_told(tmp_path: Path) -> None:
    packed = attribute(1, 0x69003, properties((0x1009, 0x102, PACKED_RTF[:30])))
    (tmp_path / "alone").write_bytes(winmail(packed))
    parsed = read(tmp_path / "alone")
    assert texts(parsed) == ["Attachment: message.rtf"]
    assert "It is damaged or cut short (the text of the message)" in parsed.failures[0].message
    (tmp_path / "beside").write_bytes(winmail(packed, attribute(1, 0x2800C, b"The same words")))
    parsed = read(tmp_path / "beside")
    assert (texts(parsed), parsed.failures) == (["Attachment: message.txt"], ())


def test_packed_rtf() -> None:
    assert unpacked(PACKED_RTF) == (b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n", True)
    assert unpacked(PACKED_RTF[:30]) == (b"{\\rtf1\\ansi\\ansicpg1252", False)
    assert unpacked(struct.pack("<II4sI", 17, 5, b"MELA", 0) + b"plain and more") == (b"plain", True)
    assert unpacked(struct.pack("<II4sI", 17, 50, b"MELA", 0) + b"plain") == (b"plain", False)
    for wrong in (b"", PACKED_RTF.replace(b"LZFu", b"LZFx")):
        with pytest.raises(ValueError, match="packed"):
            unpacked(wrong)


def test_messages_of_apple_mail_and_in_rtf(tmp_path: Path) -> None:
    head = "From: a@example.org\nTo: b@example.org\nSubject: Tea\nMIME-Version: 1.0\n"
    mail = f"{head}Content-Type: text/rtf\n\n{{\\rtf1 hello \\b world}}".encode()
    (tmp_path / "1.emlx").write_bytes(b"%d      \n" % len(mail) + mail + b'<?xml version="1.0"?><plist><dict/></plist>')
    for name in ("1.emlx", "anything"):
        assert sniff(tmp_path / "1.emlx", name) == EML
    assert texts(read(tmp_path / "1.emlx")) == ["Tea", "From: a@example.org\nTo: b@example.org", "hello world"]
    assert not read(tmp_path / "1.emlx").warnings
    (tmp_path / "cut.emlx").write_bytes(b"%d\n" % len(mail) + mail[:-5])
    assert "cut short" in read(tmp_path / "cut.emlx").warnings[0]
    named = mail.replace(b"text/rtf", b'text/rtf; name="a.rtf"')
    (tmp_path / "named.eml").write_bytes(named)
    assert texts(read(tmp_path / "named.eml"))[-1] == "Attachment: a.rtf"
