"""The main content of web pages: told where a page is an article among other things; any other page stays whole."""

import re
from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.document.finish import finish
from kbray.model import Element, Window
from kbray.parse import html
from kbray.parse.markup import boilerplate

SENTENCES = (
    "The lighthouse on the northern cape was built in the year of the great storm and has been lit every night since then.",
    "Its keeper, who is the fourth of her family in that office, climbs the two hundred steps twice a day in all weathers.",
    "Ships that come from the west see the light from thirty miles away, unless fog lies on the banks in front of the cape.",
    "In summer the tower is open to visitors, who are told how the lens was carried over the mountains by eleven mules.",
    "A museum in the former oil store shows lamps, logbooks and a model of the rescue boat that was lost with its crew.",
    "The harbour board plans to repair the gallery next spring, since salt has eaten into the iron of its railing.",
)
NAVIGATION = "".join(
    f'<li><a href="/{word}/">{word.title()} news</a></li>' for word in "world sport money travel food science".split()
)
SIDEBAR = "".join(f'<li><a href="/{n}">Ten things you did not know about harbour number {n}</a></li>' for n in range(8))
FOOTER = '<footer><p>All rights reserved by the Example Press of the Northern Cape.</p><a href="/imprint">Imprint</a></footer>'
COOKIES = (
    '<div id="cookie-banner" role="dialog"><p>We and our partners use cookies to show you what we think that you want to see.'
    "</p><button>Accept all</button></div>"
)
COMMENTS = (
    '<section id="comments"><h2>Comments</h2><div class="comment"><p>My grandfather was among those who built it, thank you '
    'for telling this story.</p></div><div class="comment"><p>The mules are invented, and everybody in the village knows it '
    "as well as I do.</p></div></section>"
)


def page(body: str, title: str = "The light of the north") -> str:
    return f"<!doctype html><html lang=en><head><title>{title}</title></head><body>{body}</body></html>"


def paragraphs(*numbers: int) -> str:
    return "".join(f"<p>{SENTENCES[number]} {SENTENCES[(number + 1) % 6]}</p>" for number in numbers)


ARTICLE = page(
    f"{COOKIES}<header><nav><ul>{NAVIGATION}</ul></nav></header>"
    f"<main><article><h1>The light of the north</h1><p class=byline>By <a href='/staff/ada'>Ada Example</a></p>"
    f"{paragraphs(0, 1)}<figure><img src='lens.jpg' alt='The lens'><figcaption>The lens in its cage</figcaption></figure>"
    f"{paragraphs(2)}<h2>Plans</h2>{paragraphs(3)}<pre>steps = 2 * 100</pre>{paragraphs(4)}"
    f"<table><tr><th>Year<th>Height<tr><td>1871<td>31 m<tr><td>1902<td>44 m</table>{paragraphs(5)}</article></main>"
    f"<aside><h3>Most read</h3><ul>{SIDEBAR}</ul></aside>{COMMENTS}{FOOTER}"
)


def elements(tmp_path: Path, markup: str) -> tuple[Element, ...]:
    path = tmp_path / "page.html"
    path.write_text(markup, encoding="utf-8")
    return html.parse(path, Window(), Settings()).elements


def texts(found: tuple[Element, ...], *, main: bool) -> list[str]:
    return [element.text for element in found if element.main is main]


def test_an_article_is_told_from_what_stands_around_it(tmp_path: Path) -> None:
    found = elements(tmp_path, ARTICLE)
    main, around = texts(found, main=True), texts(found, main=False)
    for sentence in SENTENCES:
        assert any(sentence in text for text in main)
        assert not any(sentence in text for text in around)
    for text in ("The light of the north", "Plans", "The lens", "The lens in its cage", "steps = 2 * 100"):
        assert text in main
    assert [element.main for element in found if element.kind == "table"] == [True]
    told = " ".join(around)
    for text in ("World news", "Ten things you did not know", "My grandfather", "All rights reserved", "cookies", "Most read"):
        assert text in told
    assert not any("Ten things" in text or "My grandfather" in text for text in main)


def test_no_text_is_lost(tmp_path: Path) -> None:
    written = re.sub(r"<title>.*?</title>|<[^>]+>", " ", ARTICLE).split()
    read = " ".join(element.text for element in elements(tmp_path, ARTICLE) if element.kind != "image").split()
    assert sorted(read) == sorted(written)


def test_results_show_the_main_content_and_keep_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(ARTICLE, encoding="utf-8")
    parsed = html.parse(path, Window(), Settings())
    finished = finish([parsed], sha256="", fingerprint="", media_type="text/html", expected=[Window()], failures=())
    markdown = finished.markdown.decode()
    assert markdown.startswith("# The light of the north\n")
    assert "Sport news" not in markdown
    assert finished.result.characters == sum(len(element.text) for element in parsed.elements)


WHOLE = {
    "a page without navigation": page(f"<h1>Notes of the keeper</h1>{paragraphs(0, 1, 2)}<ul><li>oil<li>wicks</ul>"),
    "a fragment": "<p>Only this</p>",
    "a report with its own contents": page(
        "<h1>Report</h1><ul>"
        + "".join(f'<li><a href="#p{n}">Part number {n} of the report</a></li>' for n in range(12))
        + "</ul>"
        + "".join(f'<h2 id="p{n}">Part {n}</h2>{paragraphs(n % 6)}' for n in range(12))
    ),
    "a list of links": page(f"<nav><ul>{NAVIGATION}</ul></nav><h1>Harbours</h1><ul>{SIDEBAR * 4}</ul>{FOOTER}"),
    "a form": page(
        f"<nav><ul>{NAVIGATION}</ul></nav><form><p>Name <input name=n></p><p>Street <input name=s></p>"
        f"<p>Remarks <textarea></textarea></p><button>Send</button></form>{FOOTER}"
    ),
}


@pytest.mark.parametrize("name", list(WHOLE))
def test_what_is_no_article_stays_whole(tmp_path: Path, name: str) -> None:
    found = elements(tmp_path, WHOLE[name])
    assert found
    assert all(element.main for element in found)


NOT_ARTICLES = {
    "a list of teasers": page(
        f"<nav><ul>{NAVIGATION}</ul></nav>"
        + "".join(
            f'<div class=teaser><h2><a href="/story/{n}">Story {n}</a></h2><p>{SENTENCES[n % 6]} Number {n} of many. '
            f'<a href="/story/{n}">Read more</a></p></div>'
            for n in range(12)
        )
        + FOOTER
    ),
    "a table": page(
        f"<nav><ul>{NAVIGATION}</ul></nav><table>"
        + "".join(f"<tr><td>{year}<td>{year % 7}<td>{year % 11} m" for year in range(1900, 1960))
        + f"</table>{FOOTER}"
    ),
}


@pytest.mark.parametrize("name", list(NOT_ARTICLES))
def test_lists_of_teasers_and_tables_lose_only_what_stands_around_them(tmp_path: Path, name: str) -> None:
    found = elements(tmp_path, NOT_ARTICLES[name])
    for element in found:
        of_page = element.text.endswith(" news") or element.text.startswith(("All rights", "Imprint"))
        assert element.main is not of_page


def test_a_page_of_documentation_keeps_its_code_and_lists(tmp_path: Path) -> None:
    contents = "".join(f'<li><a href="/docs/{n}.html">Chapter {n} of the manual</a></li>' for n in range(20))
    found = elements(
        tmp_path,
        page(
            f'<div role="navigation" class="sidebar"><ul>{contents}</ul></div><div role="main"><h1>Lamps</h1>{paragraphs(0)}'
            f"<h2>Lighting</h2>{paragraphs(1)}<pre>lamp.light()\nlamp.turn(degrees=30)</pre>{paragraphs(2)}"
            f"<ul><li>{SENTENCES[3]}</li><li>Wicks</li><li>{SENTENCES[4]}</li></ul><h2>Oil</h2>{paragraphs(5)}</div>"
            "<footer><p>Built with a generator.</p></footer>",
            "Lamps — Manual",
        ),
    )
    main = texts(found, main=True)
    assert "lamp.light()\nlamp.turn(degrees=30)" in main
    assert {"Lamps", "Lighting", "Oil", "Wicks"} <= set(main)
    assert all(sentence in " ".join(main) for sentence in SENTENCES)
    assert not any("of the manual" in text for text in main)


def test_contents_before_the_headline_are_not_main(tmp_path: Path) -> None:
    titles = (
        "Where the lamps of the north were made",
        "Who carried the lens over the mountains",
        "What is planned for the next spring",
    )
    contents = "".join(f'<li><a href="#{n}">{title}</a></li>' for n, title in enumerate(titles))
    sections = "".join(f'<h2 id="{n}">{title}</h2>{paragraphs(2 * n, 2 * n + 1)}' for n, title in enumerate(titles))
    found = elements(
        tmp_path,
        page(
            f"<nav><ul>{NAVIGATION}</ul></nav><div><ul>{contents}</ul></div>"
            f"<article><h1>The light of the north</h1>{sections}</article>"
        ),
    )
    assert texts(found, main=True)[:2] == ["The light of the north", titles[0]]
    assert set(titles) <= set(texts(found, main=False))


def test_a_headline_outside_of_the_text_is_main(tmp_path: Path) -> None:
    found = elements(
        tmp_path,
        page(
            f"<div class=top><h1>Example Press</h1></div><nav><ul>{NAVIGATION}</ul></nav>"
            "<div class=head><h2>The light of the north</h2></div><div><a href='https://example.org/share'>Share</a></div>"
            f"<div class=text>{paragraphs(0, 2, 4)}</div>{FOOTER}",
            "The light of the north - Example Press",
        ),
    )
    assert texts(found, main=True)[0] == "The light of the north"
    assert "Example Press" in texts(found, main=False)


def test_navigation_that_is_never_closed_hides_nothing(tmp_path: Path) -> None:
    found = elements(
        tmp_path,
        page(f"<nav><ul>{NAVIGATION}</ul><div><h1>The light of the north</h1>{paragraphs(0, 2, 4)}</div><ul>{SIDEBAR}</ul>"),
    )
    main = texts(found, main=True)
    assert all(sentence in " ".join(main) for sentence in SENTENCES)
    assert not any("Ten things" in text or "Sport news" in text for text in main)


def test_all_posts_of_a_thread_are_main(tmp_path: Path) -> None:
    posts = "".join(
        f'<div class="post" id="post-{n}"><div class="author"><a href="/user/{n}">keeper{n}</a></div>'
        f'<div class="content"><p>Answer {n}: {SENTENCES[n % 6]} {SENTENCES[(n + 2) % 6]}</p></div></div>'
        for n in range(6)
    )
    found = elements(
        tmp_path,
        page(f'<nav><ul>{NAVIGATION}</ul></nav><h1>Why is the light out?</h1><div id="thread">{posts}</div>{FOOTER}'),
    )
    main = " ".join(texts(found, main=True))
    assert all(f"Answer {n}:" in main for n in range(6))


def test_scripts_without_spaces_are_judged_too(tmp_path: Path) -> None:
    story = "".join(
        f"<p>岬の灯台は大嵐の年に建てられ、それから毎晩あかりをともしている。{n}代目の灯台守は一日に二度、二百段の階段をのぼる。</p>"
        for n in "一二三四五六"
    )
    links = "".join(f'<li><a href="/{n}">港の話その{n}を読む</a></li>' for n in "一二三四五六七八九")
    found = elements(tmp_path, page(f"<nav><ul>{links}</ul></nav><article><h1>北の灯</h1>{story}</article>", "北の灯"))
    assert sum("灯台守" in text for text in texts(found, main=True)) == 6
    assert "北の灯" in texts(found, main=True)
    assert all("港の話" in text for text in texts(found, main=False))
    assert len(texts(found, main=False)) == 9


def test_what_is_too_long_for_a_web_page_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    article = page(f"<nav><ul>{NAVIGATION}</ul></nav><article><h1>The light of the north</h1>{paragraphs(0, 2, 4)}</article>")
    assert texts(elements(tmp_path, article), main=False)
    monkeypatch.setattr(boilerplate, "_LARGEST", len(article) // 4)
    assert texts(elements(tmp_path, article), main=False) == []
