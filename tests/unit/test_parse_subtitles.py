"""Subtitles: what tests write is what is read."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import EmptyDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import SBV, SSA, SUBRIP, VTT
from kbray.parse.sniff import sniff


def read(folder: Path, text: str, name: str) -> Parsed:
    path = folder / name
    path.write_bytes(text.encode())
    return parse(path, sniff(path, name), Window(), Settings())


def told(folder: Path, text: str, name: str) -> list[str]:
    return [one.text for one in read(folder, text, name).elements]


def test_subrip_is_joined_until_a_pause(tmp_path: Path) -> None:
    text = (
        "\ufeff1\r\n00:00:01,000 --> 00:00:03,000\r\n<i>The ship</i>\r\nleft {\\an8}port\r\n\r\n"
        "2\r\n00:00:03,200 --> 00:00:05,000 X1:1 X2:2\r\nat noon &amp; sailed.\r\n\r\n"
        "3\r\n01:02:03,000 --> 01:02:05,000\r\n- Who?\r\n- Me.\r\n\r\n4\r\n01:02:06,000 --> 01:02:07,000\r\n\r\n"
        "5\r\n01:02:07,000 --> 01:02:08,000\r\n42"
    )
    expected = ["[00:00:01] The ship left port at noon & sailed.", "[01:02:03] - Who?\n- Me. 42"]
    assert told(tmp_path, text, "a.srt") == expected
    assert told(tmp_path, text, "a.txt") == expected, "they are told by their first lines, too"


def test_webvtt(tmp_path: Path) -> None:
    text = (
        "WEBVTT - The sea\n\nNOTE By\nAda\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start\n<v.loud Bert>Go <00:01.500><c>now</c>!\n\n"
        "00:02.000 --> 00:03.000\n<v Carl>1 < 2 & 3 &gt; 2\n"
    )
    assert told(tmp_path, text, "a.vtt") == ["The sea", "By Ada", "[00:00:01] Bert: Go now!", "[00:00:02] Carl: 1 < 2 & 3 > 2"]


def test_captions_that_roll_up_are_told_once(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000\none two\n\n00:02.000 --> 00:03.000\none two\nthree four\n\n"
        "00:03.000 --> 00:04.000\nthree four\n\n00:04.000 --> 00:05.000\nthree four\nfive\n\n00:09.000 --> 00:10.000\nfive\n"
    )
    assert told(tmp_path, text, "a.vtt") == ["[00:00:01] one two three four five", "[00:00:09] five"]


def test_substation(tmp_path: Path) -> None:
    text = (
        "[Script Info]\nTitle: Sea\n\n[V4+ Styles]\nFormat: Name\nStyle: Default\n\n"
        "[Fonts]\nfontname: a.ttf\nABCDEF\n\n[Events]\n"
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
        "Dialogue: 0,0:00:05.00,0:00:06.00,Default,,0,0,0,,second\n"
        "Comment: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,hidden\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Ada,0,0,0,,{\\i1}First{\\i0},\\Nwith a\\hcomma\n"
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,,0,0,0,,{\\p1}m 0 0 l 1 1{\\p0}\n"
    )
    parsed = read(tmp_path, text, "a.ass")
    assert [one.text for one in parsed.elements] == ["[00:00:01] Ada: First, with a comma", "[00:00:05] second"]
    assert parsed.metadata.title == "Sea"


def test_subviewer_and_long_speech(tmp_path: Path) -> None:
    assert told(tmp_path, "0:00:01.000,0:00:02.000\nHello[br]you\n\n0:00:02.000,0:00:03.000\nthere\n", "a.sbv") == [
        "[00:00:01] Hello you there"
    ]
    cues = [
        f"{n}\n00:{n // 60:02}:{n % 60:02},000 --> 00:{n // 60:02}:{n % 60:02},900\nThis is sentence {n}.\n\n" for n in range(600)
    ]
    found = told(tmp_path, "".join(cues), "a.srt")
    assert 10 < len(found) < 60
    assert max(map(len, found)) < 1600
    assert "sentence 599." in found[-1]
    assert sum(one.count("sentence") for one in found) == 600


def test_without_times_it_is_text(tmp_path: Path) -> None:
    parsed = read(tmp_path, "Just words.\n", "a.srt")
    assert [one.text for one in parsed.elements] == ["Just words."]
    assert parsed.warnings == ("No times of subtitles were found: it was read as text.",)
    for text, name in (("WEBVTT", "a.vtt"), ("[Script Info]\nTitle: x\n", "a.ass")):
        with pytest.raises(EmptyDocument):
            read(tmp_path, text, name)


def test_kinds(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("1\n00:00:01,000 --> 00:00:03,000\na\n")
    assert sniff(path, "x") == SUBRIP
    path.write_text("WEBVTT\n\n")
    assert sniff(path, "x") == VTT
    path.write_text("[Script Info]\n")
    assert sniff(path, "x") == SSA
    path.write_text("0:00:01.000,0:00:02.000\na\n")
    assert sniff(path, "x.sbv") == SBV


def test_what_is_said_outside_its_section_or_time_is_read(tmp_path: Path) -> None:
    text = (
        "[Script Info]\nDialogue: 0,0:00:02.00,0:00:03.00,D,,0,0,0,,before, all\n[V4+ Styles]\nFormat: Name, Fontname\n"
        "Dialogue: 0,0:00:05.00,0:00:06.00,D,,0,0,0,,among styles\n[Events]\nDialogue: 0,x,0:00:07.00,D,,0,0,0,,untimed\n"
    )
    parsed = read(tmp_path, text, "a.ass")
    assert [one.text for one in parsed.elements] == ["[00:00:02] before, all among styles untimed"]
    assert parsed.warnings == ("Lines of dialogue without a time that can be read stand with those before them: 1.",)


def test_words_before_and_beside_the_times_are_read(tmp_path: Path) -> None:
    text = "WEBVTT\nKind: captions\n\nwords of no cue\n\nname\n00:01.000 --> 00:02.000 line:9% align:start lost end\nHello.\n"
    assert told(tmp_path, text, "a.vtt") == ["words of no cue", "[00:00:01] lost end Hello."]
    assert told(tmp_path, "cut off\n\n7\n00:00:01,000 --> 00:00:02,000 X1:1 X2:2\nHello.\n", "a.srt") == [
        "cut off",
        "[00:00:01] Hello.",
    ]
    parsed = read(tmp_path, "WEBVTT\n\n0001000 --> 0002000\nHello you.\n", "a.vtt")
    assert "Hello you." in parsed.elements[-1].text
    assert parsed.warnings == ("No times of subtitles were found: it was read as text.",)
