"""Texts in markup languages: what they say comes out, with its structure, and nothing that others wrote beside them."""

from pathlib import Path

import pytest

from kbray.config import Settings
from kbray.errors import ConfigError, CorruptDocument, EmptyDocument
from kbray.model import Element, Parsed, Window
from kbray.parse import pandoc, parse
from kbray.parse.media import MARKUP, XML_MARKUP
from kbray.parse.pandoc import latex, program, sources
from kbray.parse.programs import inside
from kbray.parse.sandbox.parent import Sandbox
from kbray.parse.sniff import sniff


def read(folder: Path, text: str, name: str) -> Parsed:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return parse(path, sniff(path, name), Window(), Settings())


def told(parsed: Parsed) -> list[tuple[str, int, str]]:
    return [(one.kind, one.level, one.text) for one in parsed.elements]


def texts(parsed: Parsed) -> list[str]:
    return [one.text for one in parsed.elements]


def find(parsed: Parsed, kind: str) -> list[Element]:
    return [one for one in parsed.elements if one.kind == kind]


PAPER = r"""% A comment
\documentclass{article}
\usepackage{amsmath}
\newtheorem{thm}{Theorem}
\newcommand{\strong}[1]{very #1 indeed}
\title{On Shelves\thanks{We thank nobody.}}
\author{Ann Lee \and Bob Ray}
\date{May 2020}
\affil{University of Wood}
\abst{Boards of oak and of fir were loaded with books until they were seen to bend, and then some.}
\begin{document}
\maketitle
\begin{abstract}Shelves bend.\end{abstract}
\section{Loads}\label{sec:loads}
A board of $x^2$ is \strong{thick}, says \cite{knuth} and \citep[p.~3]{lee,ray}; see \eqref{bend}.\footnote{A note.}
\begin{equation}\label{bend} a = b \end{equation}
\begin{thm}[Main] All boards bend. \end{thm}
\begin{figure}\includegraphics[width=3cm]{fig/a.pdf}\caption{A board.}\end{figure}
\begin{table}\caption{Woods}\begin{tabular}{ll}Oak & hard\\ Fir & soft\end{tabular}\end{table}
\begin{strange}Inside a strange environment.\end{strange} \strangecommand{Inside a strange command.}
\begin{itemize}\item[First] item \item second\end{itemize}
\subsection{Code}
\begin{verbatim}
int x = 1;
\end{verbatim}
\begin{algorithmic}\State $x \gets 1$ \If{small} stop \EndIf\end{algorithmic}
\begin{thebibliography}{9}\bibitem{knuth} D. Knuth. Books. \bibitem[Lee01]{lee} A. Lee. Wood.\end{thebibliography}
\end{document}
"""


def test_latex_is_read_as_what_it_says(tmp_path: Path) -> None:
    parsed = read(tmp_path, PAPER, "paper.txt")
    assert (parsed.engine, parsed.warnings) == ("pandoc", ())
    assert parsed.metadata.title == "On Shelves"
    assert parsed.metadata.authors == ("Ann Lee", "Bob Ray")
    assert parsed.metadata.date == "May 2020"
    assert [one for one in told(parsed) if one[0] == "heading"] == [
        ("heading", 1, "On Shelves[^1]"),
        ("heading", 2, "Loads"),
        ("heading", 3, "Code"),
        ("heading", 2, "References"),
    ]
    assert "A board of $x^2$ is very thick indeed, says [knuth] and [lee; ray, p. 3]; see [bend].[^2]" in [
        one.replace("\u00a0", " ") for one in texts(parsed)
    ]
    assert [(one.marker, one.text) for one in find(parsed, "footnote")] == [("1", "We thank nobody."), ("2", "A note.")]
    (formula,) = find(parsed, "formula")
    assert "a = b" in formula.text
    assert [one.target for one in find(parsed, "image")] == ["fig/a.pdf"]
    assert [one.text for one in find(parsed, "caption")] == ["A board.", "Woods"]
    assert [one.text for one in find(parsed, "table")] == ["Oak\thard\nFir\tsoft"]
    assert [one.text for one in find(parsed, "list_item")] == ["First item", "second"]
    assert [one.text for one in find(parsed, "code")] == ["int x = 1;"]
    whole = "\n".join(texts(parsed))
    for said in (
        "University of Wood",
        "Boards of oak and of fir were loaded with books until they were seen to bend, and then some.",
        "Shelves bend.",
        "Theorem 1 (Main). All boards bend.",
        "Inside a strange environment.",
        "Inside a strange command.",
        "if small then stop",
        "[knuth] D. Knuth. Books.",
        "[lee] A. Lee. Wood.",
    ):
        assert said in whole


def test_a_macro_of_the_paper_is_its_own(tmp_path: Path) -> None:
    text = r"\documentclass{article}\newcommand{\State}[1]{state #1}\begin{document}Here is \State{one}.\end{document}"
    assert texts(read(tmp_path, text, "a.tex")) == ["Here is state one."]
    text = r"\documentclass{odd}\begin{document}\keywords{wood, oak} Here are words.\end{document}"
    assert " ".join(texts(read(tmp_path, text, "b.tex"))) == "wood, oak Here are words."
    text = r"\documentclass{odd}\begin{document}\begin{keywords}wood, oak\end{keywords}\end{document}"
    assert texts(read(tmp_path, text, "c.tex")) == ["Keywords: wood, oak"]


def test_a_sign_between_authors_outside_of_them_is_a_comma(tmp_path: Path) -> None:
    text = r"\documentclass{odd}\begin{document}Here are Ann \and Bob, in words.\end{document}"
    parsed = read(tmp_path, text, "a.tex")
    assert (parsed.engine, texts(parsed)) == ("pandoc", ["Here are Ann , Bob, in words."])


def test_a_text_of_includes_names_them(tmp_path: Path) -> None:
    parsed = read(tmp_path, r"\documentclass{book}\begin{document}\input{one}\end{document}", "a.tex")
    assert parsed.engine == "text"
    assert parsed.warnings == (
        "Read as LaTeX, nothing of it would be left; it was read as plain text, with its marks.",
        "It includes other files, which were not read: one.tex.",
    )


def test_commands_are_transparent_but_not_their_keys() -> None:
    def skipped(command: str) -> str:
        return rf"[INFO] Skipped '\{command}' at line 1 column 5"

    assert latex.transparent("x", [skipped("odd{two words}"), skipped("odd{other words}")]) == r"\newcommand{\odd}[1]{#1 }x"
    assert latex.transparent("x", [skipped("boxed[3cm]{words}")]) == r"\newcommand{\boxed}[2][]{#2 }x"
    for command in ("geometry{margin of all}", "mylabel{name}", "set{width=3cm}", "odd", "odd{12}", "a@b{words}"):
        assert latex.transparent("x", [skipped(command)]) is None
    assert latex.transparent("a\nb\n\\begin{document}", [skipped("odd{words}")]) is None  # in the preamble


def test_words_that_get_lost_are_told_or_the_text_is_read_plainly(tmp_path: Path) -> None:
    words = " ".join(f"word{chr(97 + one // 26)}{chr(97 + one % 26)}" for one in range(300))
    some = r"\documentclass{article}\def\gone#1{}\begin{document}" + words + r" \gone{" + words[:200] + r"}\end{document}"
    parsed = read(tmp_path, some, "some.tex")
    assert parsed.engine == "pandoc"
    assert "words of the source are not in the text" in parsed.warnings[0]
    most = r"\documentclass{article}\def\gone#1{}\begin{document}Some. \gone{" + words + r"}\end{document}"
    parsed = read(tmp_path, most, "most.tex")
    assert parsed.engine == "text"
    assert "words would be missing; it was read as plain text" in parsed.warnings[0]
    assert "wordab" in "".join(texts(parsed))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tex", r"\documentclass{article}\begin{document}Words that stay. \begin{itemize}\item open"),
        ("a.typ", "= Title\nWords that stay #unknown-function[x] #(1 +"),
    ],
)
def test_what_pandoc_refuses_is_read_as_plain_text(tmp_path: Path, name: str, text: str) -> None:
    parsed = read(tmp_path, text, name)
    assert parsed.engine == "text"
    assert "could not be read as such (" in parsed.warnings[0]
    assert parsed.warnings[0].endswith("it was read as plain text, with its marks.")
    assert "Words that stay" in "".join(texts(parsed))


RST = """
=====
Wood
=====
:Author: Ann Lee

Of :ref:`the text <target>`, :class:`~foo.Bar` and :math:`x^2` and |sub| [1]_ :unknownrole:`kept words`.

.. |sub| replace:: replaced words
.. [1] Note words.

.. rst-class:: unseen

Section
-------

.. versionadded:: 1.2
   Version words.

.. py:function:: saw(board, at=1)
   :module: unseen

   Function words.

.. class:: Bench(wood)

.. class:: special

.. unknown-thing:: Argument words

   Unknown words.

.. code-block:: python

   def f(): pass

.. figure:: a.png

   Caption words.

.. list-table:: Woods

   * - Oak
     - hard

.. math:: a = b

.. raw:: latex

   \\emph{raw words}

.. raw:: html

   <b>bold words</b><script>unseen()</script>
"""


def test_restructured_text_keeps_what_roles_and_directives_say(tmp_path: Path) -> None:
    parsed = read(tmp_path, RST, "a.rst")
    assert (parsed.engine, parsed.metadata.title, parsed.metadata.authors) == ("pandoc", "Wood", ("Ann Lee",))
    assert [one for one in told(parsed) if one[0] == "heading"] == [("heading", 1, "Wood"), ("heading", 2, "Section")]
    assert "Of the text, Bar and $x^2$ and replaced words[^1] kept words." in texts(parsed)
    whole = "\n".join(texts(parsed))
    for said in ("Note words.", "Added in version 1.2: Version words.", "saw(board, at=1)", "Function words.", "Bench(wood)"):
        assert said in whole
    for said in (
        "Argument words",
        "Unknown words.",
        "def f(): pass",
        "Caption words.",
        "Woods",
        "a = b",
        "raw words",
        "bold words",
    ):
        assert said in whole
    assert "unseen" not in whole
    assert parsed.warnings == ()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.org",
            "#+TITLE: Wood\n* TODO Oak\nText $x$ [fn:1]\n** COMMENT Fir\nSoft words\n"
            "* Ash :noexport:\nHard words\n\n[fn:1] Note\n",
            [
                ("heading", 1, "Wood"),
                ("heading", 2, "TODO Oak"),
                ("paragraph", 0, "Text $x$ [^1]"),
                ("heading", 3, "Fir"),
                ("paragraph", 0, "Soft words"),
                ("heading", 2, "Ash"),
                ("paragraph", 0, "Hard words"),
                ("footnote", 0, "Note"),
            ],
        ),
        (
            "a.adoc",
            "Wood(1)\n=======\n\nifdef::x[]\nWords here.\nendif::[]\n\n"
            "Oak\n---\n----\nTitle\n-----\n----\ninclude::b.adoc[]\n\nMore.\n",
            [
                ("heading", 1, "Wood(1)"),
                ("paragraph", 0, "Words here."),
                ("heading", 2, "Oak"),
                ("code", 0, "Title\n-----"),
                ("paragraph", 0, "More."),
            ],
        ),
        (
            "a.typ",
            '#import "@preview/x:1.0.0": *\n= Wood\nText $x$ and *bold*.\n- one\n',
            [("heading", 1, "Wood"), ("paragraph", 0, "Text $x$ and bold."), ("list_item", 1, "one")],
        ),
        (
            "a.mediawiki",
            "== Wood ==\n'''Oak''' is [[Hard|hard]]<ref>A note</ref>. {{Box|said here}}\n",
            [("heading", 2, "Wood"), ("paragraph", 0, "Oak is hard[^1]. {{Box|said here}}"), ("footnote", 0, "A note")],
        ),
        ("a.textile", "h1. Wood\n\n* one\n", [("heading", 1, "Wood"), ("list_item", 1, "one")]),
        (
            "a.1",
            '.TH WOOD 1\n.SH NAME\nwood \\- bends\n.SH "SEE ALSO"\n.BR oak (1)\n',
            [
                ("heading", 1, "WOOD"),
                ("heading", 2, "NAME"),
                ("paragraph", 0, "wood - bends"),
                ("heading", 2, "SEE ALSO"),
                ("paragraph", 0, "oak(1)"),
            ],
        ),
        (
            "a.8",
            ".Dd May 1, 2020\n.Dt WOOD 8\n.Os\n.Sh NAME\n.Nm wood\n.Nd bends\n",
            [
                ("heading", 1, "WOOD"),
                ("paragraph", 0, "May 1, 2020"),
                ("heading", 2, "NAME"),
                ("paragraph", 0, "wood — bends"),
            ],
        ),
        (
            "a.opml",
            '<opml version="2.0"><head><title>Feeds</title></head><body><outline text="News"/></body></opml>',
            [("heading", 1, "Feeds"), ("heading", 2, "News")],
        ),
        (
            "a.ris",
            "TY  - JOUR\nAU  - Lee, Ann\nTI  - Shelves\nJO  - Wood\nPY  - 2001\nAB  - They bend.\nER  - \n",
            [("list_item", 1, "Ann Lee. 2001. Shelves. Wood. [Lee_2001]"), ("paragraph", 0, "They bend.")],
        ),
        (
            "a.bib",
            "@article{lee, author={Ann Lee and Bob Ray}, title={The {Shelf}}, journal={Wood}, volume=3, pages={1--9}, year=2001}",
            [("list_item", 1, "Ann Lee, Bob Ray. 2001. The Shelf. Wood, 3, 1-9. [lee]")],
        ),
    ],
)
def test_other_languages(tmp_path: Path, name: str, text: str, expected: list[tuple[str, int, str]]) -> None:
    parsed = read(tmp_path, text, name)
    assert (parsed.engine, told(parsed)) == ("pandoc", expected)


DOCBOOK = """<?xml version="1.0"?>
<!DOCTYPE book PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN" "x.dtd" [<!ENTITY prod "Product"><!ENTITY a "lol"><!ENTITY b "&a;&a;">
<!ENTITY x SYSTEM "file:///etc/passwd">]>
<book lang="en"><bookinfo><title>Wood</title><author><firstname>Ann</firstname><surname>Lee</surname></author>
<copyright><year>2020</year><holder>Holder</holder></copyright></bookinfo>
<chapter id="c"><title>Oak</title><para>Of &prod; &b; &x;.<footnote><para>A note.</para></footnote></para>
<cmdsynopsis><command>saw</command><arg>board</arg></cmdsynopsis>
<sect1><title>Hard</title><table><title>Woods</title><tgroup cols="1"><tbody><row><entry>1</entry></row></tbody></tgroup></table>
</sect1></chapter></book>"""


def test_docbook_expands_no_entities(tmp_path: Path) -> None:
    parsed = read(tmp_path, DOCBOOK, "a.xml")
    assert (parsed.engine, parsed.metadata.title, parsed.metadata.authors) == ("pandoc", "Wood", ("Ann Lee",))
    assert [one for one in told(parsed) if one[0] == "heading"] == [
        ("heading", 1, "Wood"),
        ("heading", 2, "Oak"),
        ("heading", 3, "Hard"),
    ]
    assert "Of Product &b; &x;.[^1]" in texts(parsed)
    whole = "\n".join(texts(parsed))
    for said in ("2020 Holder", "saw board", "A note.", "Woods"):
        assert said in whole
    assert "root:" not in whole


JATS = """<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><journal-meta><journal-title>Wood Letters</journal-title>
</journal-meta><article-meta><article-id pub-id-type="doi">10.1/x</article-id><title-group><article-title>Shelves</article-title>
<subtitle>A study</subtitle></title-group><contrib-group><contrib contrib-type="author"><name><surname>Lee</surname>
<given-names>Ann</given-names></name></contrib></contrib-group><abstract><p>They bend.</p></abstract>
<kwd-group><kwd>oak</kwd><kwd>fir</kwd></kwd-group></article-meta></front>
<body><sec id="s"><label>1</label><title>Loads</title><p>Text <xref ref-type="bibr" rid="b1">1</xref>.</p>
<fig id="f"><label>Figure 1</label><caption><p>A board.</p></caption><graphic xlink:href="a.png"/></fig></sec></body>
<back><ack><title>Thanks</title><p>To all.</p></ack><ref-list><title>References</title><ref id="b1">
<label>1</label><element-citation><person-group><name><surname>Knuth</surname><given-names>D</given-names></name></person-group><article-title>Books</article-title>
<year>1984</year></element-citation></ref><ref id="b2"><mixed-citation>Lee A, <italic>Wood</italic>, 2001.</mixed-citation></ref>
</ref-list><fn-group><fn><p>No conflict.</p></fn></fn-group></back></article>"""


def test_jats_keeps_references_keywords_and_labels(tmp_path: Path) -> None:
    parsed = read(tmp_path, JATS, "a.xml")
    assert (parsed.engine, parsed.metadata.title, parsed.metadata.authors) == ("pandoc", "Shelves: A study", ("Ann Lee",))
    assert [one for one in told(parsed) if one[0] == "heading"] == [
        ("heading", 1, "Shelves: A study"),
        ("heading", 2, "1 Loads"),
        ("heading", 2, "Thanks"),
        ("heading", 2, "References"),
    ]
    whole = texts(parsed)
    for said in (
        "They bend.",
        "Keywords: oak, fir",
        "Journal: Wood Letters",
        "Identifier: doi 10.1/x",
        "Figure 1. A board.",
        "[1] Knuth D. Books. 1984",
        "Lee A, Wood, 2001.",
        "No conflict.",
    ):
        assert said in whole


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.tex", "\\documentclass{article}\\begin{document}Words here. \\input{%s}\\include{%s}\\end{document}"),
        ("a.rst", "Words here.\n\n.. include:: %s\n\n.. csv-table::\n   :file: %s\n\n.. raw:: html\n   :file: %s\n"),
        ("a.org", 'Words here.\n\n#+INCLUDE: "%s"\n\n[[file:%s]]\n'),
        ("a.adoc", "Words here.\n\ninclude::%s[]\n"),
        ("a.typ", 'Words here.\n\n#include "%s"\n#read("%s")\n'),
        ("a.mediawiki", "Words here.\n\n{{:%s}}\n"),
        ("a.1", ".TH A 1\n.SH NAME\nWords here.\n.so %s\n"),
    ],
)
def test_no_other_file_is_read(tmp_path: Path, name: str, text: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("classified,indeed\n")
    parsed = read(tmp_path, text.replace("%s", str(secret)), name)
    whole = "\n".join(texts(parsed))
    assert "Words here." in whole
    assert "classified" not in whole


def test_includes_that_were_not_read_are_told(tmp_path: Path) -> None:
    parsed = read(tmp_path, "Words here.\n\n.. include:: other.rst\n", "a.rst")
    assert parsed.warnings == ("It includes other files, which were not read: other.rst.",)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.adoc",
            "= Title\n:toc:\n\nWords here.\n\n[source]\n----\nx\n----\n\ninclude::other.txt[]\n\n// By its editor\n// vim\n",
        ),
        ("a.typ", '= Title\n\nWords here.\n\n#include "other.txt"\n'),
        ("a.rst", "Words here.\n\n.. csv-table:: A\n   :header-rows: 1\n   :file: other.txt\n\n.. note:: More of it.\n"),
        (
            "a.xml",
            '<book xmlns="http://docbook.org/ns/docbook" xmlns:xi="http://www.w3.org/2001/XInclude"><title>A</title>'
            '<chapter><title>B</title><para>Words here.</para><xi:include\nhref="other.txt"/></chapter></book>',
        ),
    ],
)
def test_includes_that_pandoc_is_not_asked_for_are_told(tmp_path: Path, name: str, text: str) -> None:
    parsed = read(tmp_path, text, name)
    assert parsed.engine == "pandoc"
    assert "Words here." in texts(parsed)
    assert parsed.warnings == ("It includes other files, which were not read: other.txt.",)


def test_what_is_lost_of_xml_is_told(tmp_path: Path) -> None:
    entities = '<!DOCTYPE book [<!ENTITY app "<b>My</b>">]>'
    parsed = read(
        tmp_path, f"{entities}<book><title>A</title><chapter><title>B</title><para>&app;</para></chapter></book>", "a.xml"
    )
    assert any("&app;" in warning for warning in parsed.warnings)
    nested = "<section><title>s</title>" * 300 + "<para>Words here.</para>" + "</section>" * 300
    parsed = read(tmp_path, f'<book xmlns="http://docbook.org/ns/docbook"><title>A</title>{nested}</book>', "a.xml")
    assert "Words here." in texts(parsed)
    nested = "<section><title>s</title>" * 3000 + "<para>Words here.</para>" + "</section>" * 3000
    parsed = read(tmp_path, f'<book xmlns="http://docbook.org/ns/docbook"><title>A</title>{nested}</book>', "a.xml")
    assert any("text may be missing" in warning for warning in parsed.warnings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("loop.tex", r"\documentclass{a}\def\a{\a\a}\begin{document}Words here \a\end{document}"),
        ("loop.typ", "#let f(x) = f(x)\nWords here #f(1)\n"),
        ("deep.tex", r"\documentclass{a}\begin{document}Words here " + "{" * 100_000),
        ("large.rst", "Words here and there. " * 400_000),
    ],
)
def test_what_would_never_end_is_read_as_plain_text(
    tmp_path: Path, name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "_HEAP", "-M128m")
    parsed = read(tmp_path, text, name)
    assert parsed.engine == "text"
    assert "could not be read as such" in parsed.warnings[0]
    assert "Words here" in parsed.elements[0].text


def test_pandoc_is_given_so_much_time(tmp_path: Path) -> None:
    with pytest.raises(program.Refused, match="more than 0 seconds"):
        program.to_html("x " * 1_000_000, "rst", 0.05)


def test_hostile_marks_take_no_time_to_prepare() -> None:
    for piece in (
        "\\item [",
        "\\[",
        "\\begin{align}",
        "<<",
        "[[",
        "<",
        "::",
        "a",
        ".. ",
        "\\affil{",
        "\\verb|",
        "#+",
        "* COMMENT ",
        ":ignore",
        *("ifdef::[", "include::[", ".. raw:: html\n   :file: a" + " " * 100_000 + "b"),
    ):
        text = piece * max(1, 400_000 // len(piece))
        for media_type in sorted(MARKUP - {*XML_MARKUP, *sources.REFERENCES}):
            sources.prepared(text, media_type)
            sources.words(text, media_type)
        latex.words(text)


def test_the_same_text_gives_the_same_elements_in_the_sandbox(tmp_path: Path) -> None:
    here = read(tmp_path, PAPER, "a.tex")
    with Sandbox(Settings()) as sandbox:
        there = sandbox.parse(tmp_path / "a.tex", "text/x-tex", Window())
    assert there == here


def test_broken_xml_fails_and_empty_texts_too(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("nothing of that kind")
    with pytest.raises(CorruptDocument):
        pandoc.parse(tmp_path / "a.xml", Window(), Settings(), "application/docbook+xml")
    (tmp_path / "a.xml").write_text("<opml version='2.0'><body><outline text='No DocBook, but words'")
    parsed = pandoc.parse(tmp_path / "a.xml", Window(), Settings(), "application/docbook+xml")
    assert "No DocBook, but words" in parsed.elements[0].text
    assert "read as XML of any kind" in parsed.warnings[0]
    (tmp_path / "b.rst").write_text(" \n\n")
    with pytest.raises(EmptyDocument):
        pandoc.parse(tmp_path / "b.rst", Window(), Settings(), "text/x-rst")


def test_a_missing_pandoc_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    inside.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install pypandoc_binary"):
        program.program()
    monkeypatch.undo()
    inside.cache_clear()
    assert program.program().name.startswith("pandoc")


def test_every_kind_has_a_reader_and_a_name() -> None:
    assert set(sources.READERS) == set(sources.NAMES) == set(MARKUP)


def test_entries_that_refer_to_each_other_in_a_ring_are_read(tmp_path: Path) -> None:
    ring = "".join(f"@book{{k{n}, title={{Tea {n}}}, crossref={{K{(n + 1) % 9}}}, year=1999}}\n" for n in range(9))
    parsed = read(
        tmp_path, ring + "@book{self, crossref = {self}, title={Own}}\n@book{x, title={Leaf}, crossref={k1}}\n", "a.bib"
    )
    assert len(parsed.elements) == 11
    assert parsed.warnings == ()
