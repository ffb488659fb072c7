"""Web pages that browsers saved with all that belongs to them."""

from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import CorruptDocument
from kbray.model import Parsed, Window
from kbray.parse import parse
from kbray.parse.media import EML, MHTML
from kbray.parse.sniff import sniff

PAGE = "<html><head><meta charset='windows-1251'><title>Чай</title></head><body><h1>Чай и дождь</h1><p>Где чай?</p></body></html>"


def saved(path: Path, sender: str = "<Saved by Blink>", *pages: str) -> Path:
    whole = MIMEMultipart("related", type="text/html")
    whole["From"], whole["Subject"], whole["Date"] = sender, "Tea", "Sat, 28 Nov 2026 10:00:00 -0000"
    for text in pages:
        whole.attach(MIMEText(text, "html", "utf-8"))
    whole.attach(MIMEText("body { color: red }", "css"))
    path.write_bytes(whole.as_bytes())
    return path


def read(path: Path) -> Parsed:
    assert sniff(path, path.name) == MHTML
    return parse(path, MHTML, Window(), Settings())


def test_a_saved_page_is_read_as_the_page(tmp_path: Path) -> None:
    parsed = read(saved(tmp_path / "a", "<Saved by Blink>", PAGE, "<p>An advertisement</p>"))
    assert [(e.kind, e.text) for e in parsed.elements] == [("heading", "Чай и дождь"), ("paragraph", "Где чай?")]
    assert parsed.metadata.title == "Чай"
    assert parsed.warnings == ("Frames of the page are not read (1).",)


def test_what_tells_it_from_a_message(tmp_path: Path) -> None:
    assert sniff(saved(tmp_path / "a.mht", "Ann <ann@example.org>", PAGE), "a.mht") == MHTML
    assert sniff(tmp_path / "a.mht", "a.eml") == EML
    with pytest.raises(CorruptDocument, match="no web page"):
        read(saved(tmp_path / "b.mhtml"))
