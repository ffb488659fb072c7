"""By whom a document is, and of when: what its metadata say, as far as they name a person or body, and a day, month or year.

Programs fill in what nobody said: the name of an account, their own, the beginning of their calendar. That is no byline; what the
document says word for word stays in `document.json`.
"""

import re
from collections.abc import Iterable
from datetime import date
from email.utils import parsedate_tz

MOST = 200
"""Authors that are kept."""
_LONGEST = 300  # characters of one
_TOLD, _BRIEF = 2, 50  # authors that are told briefly, and characters of each
_YEARS = range(1000, 3000)
_NOBODY = frozenset(
    """
    admin administrator localadmin anonymous anon author owner user username guest root nobody none null na unknown
    unnamed unspecified undefined untitled default customer test ieuser name authorname theauthor yourname unknownauthor
    unknowncreator authorunknown pdfauthor windowsuser officeuser microsoftofficeuser msofficeuser registereduser
    authorizeduser authoriseduser preferredcustomer valuedcustomer anonymoussubmission anonyme anonym inconnu unbekannt
    desconocido sconosciuto onbekend benutzer windowsbenutzer microsoftofficebenutzer utilisateur utilisateurwindows
    utilisateurmicrosoftoffice administrateur usuario usuariodewindows usuariodemicrosoftoffice administrador utente
    utentewindows amministratore gebruiker windowsgebruiker użytkownik użytkownikwindows пользователь
    пользовательwindows администратор автор 微软用户 用户 作者 匿名 管理员 ユーザー 사용자
    pythondocx pythonpptx openpyxl xlsxwriter apachepoi phpword phpexcel phpspreadsheet phppresentation docx4j sheetjs
""".split()
)
"""Names of accounts and of programs, without blanks, signs and numbers behind them."""
_NO_NAME = re.compile(r"(?=(?:.*\d){3})[!-~]+|(?![^@]*@)[!-~]{24,}|(\w)\1+")  # one word: of digits, too long, of one letter
_YEARS_OF_LIFE = re.compile(r"(?<![\s,])[\s,]+\(?(?:b\. ?|c\. ?)?\d{3,4}\??(?:\s*[-–]\s*(?:\d{3,4}\??)?)?\)?$")
_ADDRESS = re.compile(r"\s*<[^<>]*>\s*$")
_ISO = re.compile(r"(\d{4})(?:([-/.]?)(\d{2})(?:\2(\d{2}))?)?(?![\d/])(.*)", re.DOTALL)
_DAY_FIRST = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_WORDS = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?\.?\s+)?([A-Za-z]{3,9})\.?,?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})(?!\d)"
)
_YEAR = re.compile(r"(?<!\d)(?:1[0-9]|20)\d{2}(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Where calendars of programs begin: of Windows, Mac, spreadsheets; with the time of midnight those of Unix and of ZIP, too, which
# are days of books otherwise. And the days on which the empty documents were made that python-docx and python-pptx fill.
_ZERO = frozenset(("1601-01-01", "1899-12-30", "1899-12-31", "1904-01-01"))
_MIDNIGHT = re.compile(r"(?:1970|1980)-01-01[T ]00:00(?::00.*)?")
_TEMPLATES = ("2013-12-23T23:15:00", "2013-01-27T09:14:16")


def authors(names: Iterable[str]) -> tuple[str, ...]:
    """Those that are persons or bodies, in their order, each once: as they are written, but for years of life."""
    kept = (cleaned for name in names if (cleaned := _author(name)))
    return tuple(dict.fromkeys(kept))[:MOST]


def shown(author: str) -> str:
    """An author's name, without the address that a message has behind it."""
    return _ADDRESS.sub("", author) or author.strip("<> ")


def told(names: Iterable[str], dated: str | None) -> str:
    """Authors and date in a few words: `Ada Lovelace, Charles Babbage et al., 1843-10`."""
    called = [shown(name) for name in names]
    told = [name if len(name) <= _BRIEF else f"{name[: _BRIEF - 1].rstrip()}…" for name in called[:_TOLD]]
    if len(called) > _TOLD:
        told[-1] += " et al."
    return ", ".join((*told, dated) if dated else told)


def day(said: str | None) -> str | None:
    """The day (2019-03-07), month (2019-03) or year (2019) that a date means, as exact as it is sure; None: it means none.

    In whatever form: ISO 8601, that of messages (RFC 5322), `7 March 2019`, `7.3.2019`; of others the year, where there is one.
    """
    text = " ".join((said or "").split())
    if not text or _MIDNIGHT.fullmatch(text) or text.startswith(_TEMPLATES):
        return None
    found = _iso(text) or _of_message(text) or _numbers(text) or _words(text) or _lone_year(text)
    return None if found in _ZERO else found


def _author(name: str) -> str:
    text = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[:_LONGEST]
    text = text.replace('"', "") if "<" in text else text.strip("\"'")
    text = _YEARS_OF_LIFE.sub("", text.strip().rstrip(",; "))
    called = shown(text)
    bare = "".join(sign for sign in called.casefold() if sign.isalpha())
    if not bare or bare in _NOBODY or "://" in text or _NO_NAME.fullmatch(called):
        return ""
    return text


def _iso(text: str) -> str | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    year, _, month, number, rest = found.groups()
    if month is None and rest.strip(" .Zz"):
        return None  # a year with more behind it
    return _sure(year, month, number)


def _of_message(text: str) -> str | None:
    found = parsedate_tz(text) if re.match(r"(?:[A-Za-z]{3,9},? )?\d{1,2} [A-Za-z]{3}", text) else None
    return None if found is None else _sure(*map(str, found[:3]))


def _numbers(text: str) -> str | None:
    """With dots the day comes first; with other signs, what comes first is known where it is above 12."""
    found = _DAY_FIRST.match(text)
    if found is None:
        return None
    first, sign, second, year = found.groups()
    if sign != "." and int(first) <= 12:
        first, second = (second, first) if int(second) > 12 else ("0", "0")
    return _sure(year, second, first)


def _words(text: str) -> str | None:
    found = _WORDS.search(text)
    if found is None or found[2][:3].lower() not in _MONTHS:
        return None
    return _sure(found[4], str(_MONTHS.index(found[2][:3].lower()) + 1), found[1] or found[3])


def _lone_year(text: str) -> str | None:
    years = set(_YEAR.findall(text))
    return years.pop() if len(years) == 1 else None


def _sure(year: str, month: str | None, number: str | None) -> str | None:
    """As much of a date as there is in the calendar."""
    if int(year) not in _YEARS:
        return None
    if month is None or not 1 <= int(month) <= 12:
        return year
    try:
        return date(int(year), int(month), int(number or 0)).isoformat()
    except ValueError:
        return f"{year}-{int(month):02}"
