"""References (BibTeX, RIS, EndNote) → one item each, with what its reader wants to know of it; abstracts are paragraphs below."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kbray.model import Element

_MARK = re.compile(r"</?(?:i|b|sup|sub|span|sc)\b[^<>]*>")
_PEOPLE = (("author", ""), ("editor", " (ed.)"), ("translator", " (transl.)"))


def elements(csl: str) -> Iterator[Element]:
    """Args: csl: an array of references in JSON, as the Citation Style Language has them."""
    for one in json.loads(csl):
        key = str(one.get("id", ""))
        yield Element("list_item", _line(one), level=1, marker="-", anchor=key or None)
        for field in ("abstract", "annote"):
            if said := _plain(one.get(field)):
                yield Element("paragraph", said, anchor=key or None)


def _line(one: Mapping[str, Any]) -> str:
    """Authors. Year. Title. Where it appeared, volume, pages. Publisher. Identifiers. Words. [key]"""
    people = [f"{_people(one[role])}{what}" for role, what in _PEOPLE if one.get(role)]
    volume = _plain(one.get("volume")) + (f"({issue})" if (issue := _plain(one.get("issue"))) else "")
    within = ", ".join(
        filter(
            None,
            (
                _plain(one.get("container-title")),
                _plain(one.get("collection-title")),
                _plain(one.get("edition")),
                volume,
                _plain(one.get("page")),
            ),
        )
    )
    publisher = ", ".join(filter(None, (_plain(one.get("publisher")), _plain(one.get("publisher-place")))))
    parts = (
        *people,
        _date(one.get("issued")),
        _plain(one.get("title")),
        within,
        publisher,
        _plain(one.get("genre")),
        _plain(one.get("event-title")),
        *(f"{name} {said}" for name in ("DOI", "ISBN", "ISSN", "PMID") if (said := _plain(one.get(name)))),
        _plain(one.get("URL")),
        _plain(one.get("note")),
        f"Keywords: {words}" if (words := _plain(one.get("keyword"))) else "",
    )
    told = " ".join(part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part)
    return f"{told} [{one['id']}]" if one.get("id") else told


def _plain(value: object) -> str:
    return " ".join(_MARK.sub("", str(value)).split()) if value not in (None, "") else ""


def _people(people: list[Mapping[str, Any]]) -> str:
    return ", ".join(
        " ".join(
            filter(
                None,
                (
                    _plain(one.get("given")),
                    _plain(one.get("dropping-particle")),
                    _plain(one.get("non-dropping-particle")),
                    _plain(one.get("family")),
                    _plain(one.get("suffix")),
                    _plain(one.get("literal")),
                ),
            )
        )
        for one in people
    )


def _date(issued: Mapping[str, Any] | None) -> str:
    if not issued:
        return ""
    parts = [
        "-".join(f"{int(number):02d}" if place else str(number) for place, number in enumerate(part))
        for part in issued.get("date-parts", ())
    ]
    return "/".join(parts) or _plain(issued.get("literal")) or _plain(issued.get("raw"))
