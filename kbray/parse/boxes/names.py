"""Names of files in archives: paths that lead nowhere else, decoded as whoever made the archive meant them."""

import re
import unicodedata

_LONGEST = 200
_SUBJECT = 80  # characters of a title that go into the name
_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"[A-Za-z]:")
_WORD = re.compile(r"[^\W\d_]+")


def safe(raw: bytes) -> str:
    """The path of a member below its archive, with `/` between folders; empty where nothing of its name can be used."""
    parts = (_CONTROLS.sub("", part).strip()[-_LONGEST:] for part in decoded(raw).replace("\\", "/").split("/"))
    return "/".join(part for part in parts if part.strip(".") and not _DRIVE.fullmatch(part))


def file_name(title: str) -> str:
    """A title as the name of a file, without its suffix; empty where nothing of it can be used."""
    return safe(" ".join(_UNFIT.sub(" ", title).split())[:_SUBJECT].strip(" .").encode("utf-8", "replace"))


def decoded(raw: bytes) -> str:
    """A name whose encoding is not told: UTF-8 where it can be, else the code page that makes words of one script of it.

    Those of Russian and Japanese systems are known by that; what is left is taken for that of MS-DOS (APPNOTE.TXT, appendix D).
    """
    try:
        return raw.decode()
    except UnicodeDecodeError:
        pass
    for encoding, script in (("cp866", "CYRILLIC"), ("cp932", "HIRAGANA KATAKANA CJK")):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_of(text, script):
            return text
    return raw.decode("cp437")


def _is_of(text: str, scripts: str) -> bool:
    """Whether its words are ASCII or of these scripts, cased as words are, and one of the latter has three letters or more."""
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    letters = [character for word in words for character in word]
    known = all(unicodedata.name(character, "").split(" ")[0].split("-")[0] in scripts.split() for character in letters)
    signs = [
        character
        for character in text
        if not character.isascii() and not character.isalpha() and character not in "ー№～・（）「」"
    ]
    cased = all(word in (word.lower(), word.upper(), word.capitalize()) for word in words)
    return known and cased and not signs and max(map(len, words), default=0) >= 3
