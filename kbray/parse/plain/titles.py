"""Titles of plain texts: underlined, counted, in capitals, called chapters, or left of everything else; where that is sure."""

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from kbray.parse.markup.lists import numeral
from kbray.parse.plain.blocks import Block

_LONGEST = 90  # characters
_DEEPEST = 6
_CHAPTER = 40  # of a line that is one without blank lines around it
_RUN = 3  # titles of a kind without a text between them are a list, such as a table of contents
_INDENTED = 0.8  # of the lines of a text whose titles stand left of it
RULE = re.compile(r"\s*([=\-~^*#\"'`+_.:])\1{2,}\s*")
_COLUMNS = re.compile(r"\S(?:\t| {3,})\S")
_ITEM = re.compile(r"\s*(?:[-*•·–+o]|\(?(?:\d{1,3}|[a-z]{1,4})[.)])\s")
_STARRED = re.compile(r"(\*+) (?=\S)")
_NO_TITLE = re.compile(r"[=$_{}<>|\\;@#%]|//|\A[^\w\"'“‘«¿¡]")  # of capitals: programs, who said it, stage directions
_PROGRAM = re.compile(r"\A[#</{]|[{};>]\Z")  # at the margin
_NAME = re.compile(r"[\"'“‘«»„「『(¿¡]*[^\W\d_]")  # behind a number
_CHAPTER_NUMBER = re.compile(r"\d{1,3}")
_FIRST = ((0,), (1,), (1, 0), (1, 1))
_ROMAN = re.compile(r"\s*([IVXLC]+)\.?\s*")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBERED = re.compile(r"(?:appendix\s+)?(\d{1,3}|[A-Z](?=\.?\d|\.\s))((?:\.\d{1,3})*)\.?\s{1,4}(?=\S)", re.IGNORECASE)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|"
    r"(?:erst|zweit|dritt|viert|fünft|sechst|siebt|acht|neunt|zehnt)e[rs]?|premi[eè]re?|seconde?|\w+i[eè]me|"
    r"(?:primer|primeir|prim|segund|second|tercer|terceir|terz|[cq]uart|quint|sext|sest|s[eé]p?tim|settim|o[ct]tav|noven|non|"
    r"d[eé]cim)[oa]|primer|tercer|"
    r"(?:pierwsz|drug|trzec|czwart|piąt|szóst|siódm|ósm|dziewiąt|dziesiąt|\w{3,9}nast)[yia]|"
    r"(?:první|druhá|třetí|čtvrtá|pátá|šestá|sedmá|osmá|devátá|desátá)|"
    r"(?:(?:двадцать|тридцать|сорок|пятьдесят)\s+)?(?:перв|втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят|\w{2,9}надцат|"
    r"двадцат|тридцат|сороков)(?:ая|ья|ый|ой|ий|ое|ье))"
)
_NUMERAL = (
    r"(?:\d{1,4}|[ivxlcdm]{1,9}|[a-z]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|"
    r"fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty(?:-\w+)?|thirty(?:-\w+)?|forty(?:-\w+)?|fifty(?:-\w+)?|"
    rf"the\s+\w+|last|{_ORDINAL})"
)
_DIVISIONS: tuple[tuple[int, re.Pattern[str]], ...] = tuple(
    (rank, re.compile(rf"(?:(?:{words})\s+{_NUMERAL}|{_ORDINAL}\s+(?:{words}))(?=[\s.:,—–-]|\Z)", re.IGNORECASE))
    for rank, words in (
        (1, "volume|vol\\.|tome|band|tomo|том"),
        (2, "book|part|livre|partie|buch|teil|libro|livro|parte|boek|deel|część|księga|книга|часть"),
        (
            3,
            "chapter|chap\\.|chapitre|kapitel|cap[ií]tulo|capitolo|hoofdstuk|rozdział|kapitola|глава|"
            "act|acte|akt|canto|letter|stave",
        ),
        (4, "section|scene|sc[eè]ne|szene|abschnitt|§|article|artikel|art\\.|art[ií]culo|articolo|статья|artykuł"),
    )
)
_EAST_ASIAN = re.compile(r"第[0-9０-９〇一二三四五六七八九十百千]+([章回节節部卷篇])")
_INDENT = " \t"
_EAST_ASIAN_INDENT = "\u3000"  # of the first line of a paragraph
_NAMED = re.compile(
    r"(?:preface|foreword|introduction|prologue|epilogue|contents|table of contents|index|glossary|bibliography|"
    r"appendix|appendices|"
    r"acknowledge?ments?|dedication|conclusion|afterword|abstract|references|notes|footnotes|"
    r"préface|avant-propos|vorwort|einleitung|inhalt|nachwort|prólogo|prefacio|índice|prefazione|indice)[.:]?",
    re.IGNORECASE,
)
_COUNTED = ("division", "counted")
_BARE = re.compile(r"(?:[^\W\d_]+ )?\w+[.:]?")
_NAMED_SHARE = 0.8  # of the numbers of chapters have a name below
_SPOKEN = 0.8  # of the lines in capitals are names of those who speak often, where all are of speakers
_ORDER = ("starred", "division", "counted", "name", "numbered", "left", "capitals")
_LISTED = re.compile(r"\w\W*\s\W*\w+\W+\d{1,3}\Z")  # with a page behind it, in a table of contents
_WEAK_ENDS = (",", ";", "-", "–")
_SENTENCE_ENDS = (".", "。", "，", "！", "？", "!", "?", ",", ";", ":", "：", "；", "-")


@dataclass(frozen=True, slots=True)
class Title:
    """Of a block: its text, its rank among headings from 1, and how many of its lines it takes."""

    text: str
    level: int
    lines: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    lines: int
    form: tuple[str, int]  # how it shows that it is one, and how deep among those that do so
    rest: bool = False  # whether more than it is in its block


def apart(blocks: Iterable[Block]) -> list[Block]:
    """The blocks, with the lines that are titles of chapters on their own where no blank lines part them from the text."""
    found: list[Block] = []
    for block in blocks:
        begin = 0
        indented = len(block.lines) == 2 and block.lines[1].startswith(_EAST_ASIAN_INDENT)
        for place, line in enumerate(block.lines) if len(block.lines) > 2 or indented else ():
            if _is_chapter(line.strip()):
                found += [replace(block, lines=lines) for lines in (block.lines[begin:place], (line,)) if lines]
                begin = place + 1
        if begin < len(block.lines):
            found.append(replace(block, lines=block.lines[begin:]))
    return found


def _is_chapter(line: str) -> bool:
    if len(line) > _CHAPTER or line.endswith(_SENTENCE_ENDS):
        return False
    called = line[0].isupper() and any(division.match(line) for _, division in _DIVISIONS[1:3])
    return called or _EAST_ASIAN.match(line) is not None


def titles_of(blocks: Sequence[Block]) -> Mapping[int, Title]:
    """Those of a text, by the places of their blocks."""
    places = [place for place, block in enumerate(blocks) if not block.edge]
    found = {place: one for place in places if (one := _ruled(blocks[place])) is not None}
    small = [place for place in places if len(blocks[place].lines) <= 2 and len(blocks[place].lines[0]) <= 2 * _LONGEST]
    for look, among in (
        (_starred, small),
        (_divisions, small),
        (_counted, small),
        (_numbered, small),
        (_left_of_text, places),
        (_capitals, small),
    ):
        more = {place: one for place, one in look(blocks, among) if place not in found}
        found |= _sure(more, places)
    found |= _names(blocks, places, found)
    levels = _levels(found)
    return {place: Title(one.text, levels[one.form], one.lines) for place, one in found.items()}


def _ruled(block: Block) -> _Candidate | None:
    """A line over a rule as long as it, which may have another one above."""
    over = len(block.lines) > 2 and RULE.fullmatch(block.lines[0]) is not None
    at = 1 if over else 0
    if len(block.lines) < at + 2:
        return None
    rule, line = RULE.fullmatch(block.lines[at + 1]), block.lines[at].rstrip()
    text = " ".join(line.split())
    if rule is None or not _is_short(text) or RULE.fullmatch(line) or _COLUMNS.search(line.strip()):
        return None
    if over and block.lines[0].strip()[0] != rule[1]:
        return None
    length = len(block.lines[at + 1].strip())
    if not over and not 0.6 * len(text) <= length <= 2 * len(text) + 10:
        return None
    return _Candidate(text, at + 2, ("ruled" + rule[1] + "over" * over, 0))


def _starred(blocks: Sequence[Block], places: Sequence[int]) -> Iterator[tuple[int, _Candidate]]:
    """Those of outlines as Emacs has them, a star for each level, if there are two levels."""
    stars = {}
    for place in places:
        line = blocks[place].lines[0].rstrip()
        if (found := _STARRED.match(line)) is not None and len(blocks[place].lines) == 1 and _is_short(line):
            stars[place] = found
    if len({len(found[1]) for found in stars.values()}) > 1:
        for place, found in stars.items():
            yield place, _Candidate(" ".join(found.string[found.end() :].split()), 1, ("starred", len(found[1])))


def _divisions(blocks: Sequence[Block], places: Sequence[int]) -> Iterator[tuple[int, _Candidate]]:
    for place in places:
        if (one := _division(blocks[place])) is not None:
            yield place, one


def _counted(blocks: Sequence[Block], places: Sequence[int]) -> Iterator[tuple[int, _Candidate]]:
    """Roman numbers that stand alone and count on, two at least."""
    last = 0
    counted: dict[int, str] = {}
    for place in places:
        found = _ROMAN.fullmatch(blocks[place].lines[0]) if len(blocks[place].lines) == 1 else None
        if found is None:
            continue
        if found[1] == "I":
            last = 0
        if found[1] == numeral(last + 1, "I"):
            last += 1
            counted[place] = found[0].strip()
    if len(counted) > 1:
        for place, text in counted.items():
            yield place, _Candidate(text, 1, ("counted", 0))


def _division(block: Block) -> _Candidate | None:
    """ "Chapter IV", "Book One: 1805", "第三章", "Preface"; its name may stand in the line below."""
    text = " ".join(" ".join(block.lines).split())
    if not _is_short(text) or _ends_weakly(text) or _LISTED.search(text):
        return None
    if (east := _EAST_ASIAN.match(text)) and len(text) <= 40:
        return _Candidate(text, len(block.lines), ("division", 2 if east[1] in "部卷篇" else 3 if east[1] in "章回" else 4))
    first = " ".join(block.lines[0].split())
    if len(block.lines) == 2 and _is_chapter(block.lines[1].strip()):
        return None
    rank = next((rank for rank, division in _DIVISIONS if division.match(first)), 0)
    named = len(block.lines) == 1 and _NAMED.fullmatch(first) is not None
    if named and first[0].isupper():
        return _Candidate(text, 1, ("division", 3))
    if not rank or first[0].islower() or (text.endswith(".") and text.count(" ") > 7) or _is_sentence(text):
        return None
    return _Candidate(text, len(block.lines), ("division", rank))


def _is_sentence(text: str) -> bool:
    """ "Part of it …", "Chapter 3 tells how …": words in small letters where a title has a name."""
    words = text.split()[2:]
    small = sum(word[0].islower() for word in words)
    return small > 3 and small > 0.7 * len(words)


def _numbered(blocks: Sequence[Block], places: Sequence[int]) -> Iterator[tuple[int, _Candidate]]:
    """ "2.1  Scope", where the numbers count on, or begin in a chapter that has the first of them."""
    numbers = {place: number for place in places if (number := _number(blocks[place])) is not None}
    margins = Counter(_indent(line) for block in blocks if numbers for line in block.lines)
    margin = max(margins, key=lambda indent: margins[indent], default=0)
    last: tuple[int, ...] = ()
    chapter: int | None = None
    for place in places if numbers else ():
        number = numbers.get(place)
        if number is None:
            chapter = _chapter_number(blocks[place]) or chapter
            continue
        text = " ".join(blocks[place].lines[0].split())
        counts_on = _follows(last, number) or (number[0] == chapter and number[1:] in ((0,), (1,)))
        if _indent(blocks[place].lines[0]) <= margin and counts_on and _may_begin(text, number, last):
            last = number
            yield place, _Candidate(text, 1, ("numbered", len(number)))


def _chapter_number(block: Block) -> int | None:
    found = _CHAPTER_NUMBER.search(block.lines[0]) if _division(block) is not None else None
    return int(found[0]) if found else None


def _may_begin(text: str, number: tuple[int, ...], last: tuple[int, ...]) -> bool:
    """Whether this can be the name behind the number: a small letter only where others stand above, as quantities have units."""
    first = _LETTER.search(text, _name_at(text))
    if first is None or first[0].isupper():
        return first is not None
    return len(number) > 1 and (not first[0].islower() or (bool(last) and number not in _FIRST))


def _name_at(text: str) -> int:
    found = _NUMBERED.match(text)
    return found.end() if found else 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _number(block: Block) -> tuple[int, ...] | None:
    line = block.lines[0].strip()
    found = _NUMBERED.match(line) if len(block.lines) == 1 else None
    if found is None or not _is_short(line) or _ends_weakly(line) or line.endswith((".", ":")):
        return None
    rest = line[found.end() :]
    if _COLUMNS.search(rest) or _NAME.match(rest) is None or re.search(r"\.{3,}|\. \.", rest):
        return None
    first = int(found[1]) if found[1].isdecimal() else ord(found[1].upper()) - 1000
    return (first, *(int(part) for part in found[2].split(".")[1:]))


def _follows(last: tuple[int, ...], number: tuple[int, ...]) -> bool:
    """Whether a number counts on: the first below, the next beside, or the next of one above.

    One of several parts may come after one that was missed: a title over two lines, one that looks like a sentence.
    """
    if number in _FIRST:  # again: those before were a table of contents
        return True
    appendix = number[0] == ord("A") - 1000
    if not last:
        return appendix
    if number[:-1] == last and number[-1] in (0, 1):
        return True
    if appendix and last[0] > 0 and number[1:] in ((), (0,), (1,)):
        return True
    steps = (1, 2) if len(number) > 1 else (1,)
    if number[-1] in (0, 1) and len(number) == 2 and number[0] - last[0] in steps:  # what is above it has no number of this form
        return True
    return any(number == (*last[:depth], last[depth] + step) for depth in range(len(last)) for step in steps)


def _left_of_text(blocks: Sequence[Block], places: Sequence[int]) -> Iterator[tuple[int, _Candidate]]:
    """Lines at the margin over a text that is indented throughout."""
    lines = [line for place in places for line in blocks[place].lines]
    indented = sum(line[0] in _INDENT for line in lines)
    if len(lines) <= _RUN * _RUN or indented < _INDENTED * len(lines):
        return
    below = {place: blocks[after].lines[0] for place, after in pairwise(places)}
    for place in places:
        line, *others = blocks[place].lines
        text = " ".join(line.split())
        if not others and below.get(place, "x")[0] not in _INDENT and not _ITEM.match(below.get(place, "")):
            continue
        if line[0] in _INDENT or not _is_short(text) or _ends_weakly(text) or text.endswith((".", ":")):
            continue
        if _PROGRAM.search(text):
            continue
        if not _ITEM.match(line) and not _COLUMNS.search(line) and all(other[0] in _INDENT for other in others):
            yield place, _Candidate(text, 1, ("left", 0), rest=bool(others))


def _capitals(blocks: Sequence[Block], places: Sequence[int]) -> Iterator[tuple[int, _Candidate]]:
    """Blocks of one or two lines in nothing but capitals; before the first chapter they are the title of the whole."""
    divisions = {place: None for place in places if _division(blocks[place]) is not None}
    divided = next(iter(divisions), 0)
    found: dict[int, str] = {}
    for place in places:
        if place in divisions or _ROMAN.fullmatch(blocks[place].lines[0]):
            continue
        text = " ".join(" ".join(blocks[place].lines).split())
        if _is_capital(text) and not _COLUMNS.search(blocks[place].lines[0].strip()):
            found[place] = text
    speakers = _speakers(text for place, text in found.items() if place >= divided)
    for place, text in found.items():
        if place < divided or text not in speakers:
            yield place, _Candidate(text, len(blocks[place].lines), ("title" if place < divided else "capitals", 0))


def _speakers(texts: Iterable[str]) -> Container[str]:
    """Those who speak, in plays and interviews: they come again and again; all, if most do, as some have little to say."""
    counts = Counter(texts)
    often = {text for text, count in counts.items() if count >= _RUN}
    return counts if sum(counts[text] for text in often) > _SPOKEN * counts.total() else often


def _is_capital(text: str) -> bool:
    if text != text.upper():
        return False
    letters = _LETTER.findall(text)
    if not _is_short(text) or _NO_TITLE.search(text) or len(letters) < 4 or len(letters) < 0.6 * len(text.replace(" ", "")):
        return False
    return (
        all(letter == letter.upper() != letter.lower() for letter in letters) and not _ends_weakly(text) and not _ITEM.match(text)
    )


def _is_short(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and _LETTER.search(text) is not None and "http" not in text and "@" not in text


def _ends_weakly(text: str) -> bool:
    return text.endswith(_WEAK_ENDS)


def _names(blocks: Sequence[Block], places: Sequence[int], found: Mapping[int, _Candidate]) -> dict[int, _Candidate]:
    """The names of chapters below their numbers, if nearly all have one."""
    below: dict[int, int] = {}
    for place, after in pairwise(places):
        if place in found and found[place].form[0] in _COUNTED and _BARE.fullmatch(found[place].text):
            below[place] = after
    named = {after for after in below.values() if after not in found and _is_name(blocks[after])}
    if len(named) < max(_RUN, _NAMED_SHARE * sum(after not in found for after in below.values())):
        return {}
    return {place: _Candidate(" ".join(blocks[place].lines[0].split()), 1, ("name", 0)) for place in named}


def _is_name(block: Block) -> bool:
    line = block.lines[0].strip()
    return len(block.lines) == 1 and len(line) <= _LONGEST // 1.5 and _is_short(line) and line[-1] not in '.,;:!?"”»-–'


def _sure(more: Mapping[int, _Candidate], places: Sequence[int]) -> dict[int, _Candidate]:
    """Without those at the end, and runs of one form with no block between them: but for the last where it is there again."""
    kept: dict[int, _Candidate] = {}
    for form, group in groupby(places, lambda place: more[place].form if place in more else None):
        run = list(group)
        again = [place for place in run[:-1] if form is not None and more[place].text.startswith(more[run[-1]].text)]
        run = run[-1:] if again and len(run) >= _RUN else run
        if form is not None and len(run) < _RUN and (run[-1] != places[-1] or more[run[-1]].rest):
            kept |= {place: more[place] for place in run}
    return kept


def _levels(found: Mapping[int, _Candidate]) -> Mapping[tuple[str, int], int]:
    """Rules by the order in which they come, then divisions by their rank, then the others below the last of these."""
    forms = list(dict.fromkeys(one.form for _, one in sorted(found.items()) if one.form[0] != "title"))
    ranks = [form for form in forms if form[0].startswith("ruled")]
    ranks += sorted((form for form in forms if form not in ranks), key=lambda form: (_ORDER.index(form[0]), form[1]))
    return {("title", 0): 1} | {form: min(level, _DEEPEST) for level, form in enumerate(ranks, start=1)}
