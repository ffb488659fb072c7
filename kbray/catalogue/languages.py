"""Languages → tags, and the text search configurations of PostgreSQL; scripts without spaces → something it can take apart."""

import re
import unicodedata

from kbray.document.superscripts import FIGURES

REVISION = 3
"""Raised whenever the same text is searched by other lexemes."""

_CONFIGS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# Books also tell their language by the codes of ISO 639-2.
_THREE_LETTERS = {
    **{"ara": "ar", "arm": "hy", "baq": "eu", "cat": "ca", "dan": "da", "deu": "de", "dut": "nl", "ell": "el", "eng": "en"},
    **{"est": "et", "eus": "eu", "fin": "fi", "fra": "fr", "fre": "fr", "ger": "de", "gle": "ga", "gre": "el", "hin": "hi"},
    **{"hun": "hu", "hye": "hy", "ind": "id", "ita": "it", "lit": "lt", "nep": "ne", "nld": "nl", "nob": "nb", "nno": "nn"},
    **{"nor": "no", "pol": "pl", "por": "pt", "ron": "ro", "rum": "ro", "rus": "ru", "spa": "es", "srp": "sr", "swe": "sv"},
    **{"tam": "ta", "tur": "tr", "yid": "yi"},
}
_TAG = re.compile("[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_LONGEST_TAG = 35  # what RFC 5646 asks to be able to hold
SIMPLE = "simple"
"""For all other languages: words as they are, no stop words."""
UNKNOWN = "english"
"""For texts too short to tell: most such are, and to others its stemmer does little."""

# Japanese kana, Han, Thai, Lao, Myanmar, Khmer: written without spaces between words. (Korean has them.)
_UNSPACED = re.compile(
    "[\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff]+"
)
# Letters for the sake of print, or of old character sets: ligatures, forms of Arabic and Hebrew, wide and narrow ones.
_FORMS = re.compile("[\ufb00-\ufdff\ufe70-\ufefc\uff01-\uffee]+")
# What is set above and below letters of Hebrew and Arabic for who doesn't know the word, and the stroke that draws these apart.
_POINTS = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06ea-\u06ed]"
)
_ALIKE = str.maketrans("یک", "يك")
"""Yeh and kaf of Persian, which Arabic keyboards and recognition put for those of Arabic, and the other way round."""
_UNRAISED = str.maketrans(FIGURES, "0123456789")
_LETTER = rf"[^\W\d_{FIGURES}]"
_RAISED = re.compile(rf"(?<!{_LETTER})(?P<short>{_LETTER}{{1,2}}[{FIGURES}]+)|(?<={_LETTER}{{3}})(?=[{FIGURES}])")


def tag(told: str | None) -> str | None:
    """A language as a document tells it → a BCP 47 tag as it is usually written: `eng`, `EN_us` and `en-US` are of one language.

    None: it tells none, or something that is no tag.
    """
    given = (told or "").strip().replace("_", "-")
    if len(given) > _LONGEST_TAG or not _TAG.fullmatch(given):
        return None
    first, *rest = given.lower().split("-")
    return "-".join([_THREE_LETTERS.get(first, first), *map(_subtag, rest)])


def _subtag(said: str) -> str:
    """As RFC 5646 writes scripts (`Latn`), regions (`US`) and all others."""
    return said.title() if len(said) == 4 and said.isalpha() else said.upper() if len(said) == 2 else said


def config(language: str | None) -> str:
    """The configuration for a tag. Servers older than it know `simple` instead (see `chunks`)."""
    return UNKNOWN if language is None else _CONFIGS.get(language.partition("-")[0], SIMPLE)


def lone(word: str) -> bool:
    """Whether it is one character of a script without spaces: in the index it stands in pairs only."""
    return len(word) == 1 and _UNSPACED.fullmatch(word) is not None


def searchable(text: str) -> str:
    """The text as it is given to PostgreSQL: runs of scripts without spaces as their overlapping pairs of characters, since it
    would take a whole sentence for one word. (Lucene does so with Chinese, Japanese and Korean.) Figures above the line are
    apart from a word, whose mark they are, and as they are typed behind a unit: m2.
    """
    if text.isascii():
        return text
    text = _RAISED.sub(lambda found: (found["short"] or " ").translate(_UNRAISED), folded(text))
    return _UNSPACED.sub(lambda found: f" {_pairs(found[0])} ", text)


def folded(text: str) -> str:
    """Ways to write the same letters, made one: é in one sign and in two, ﬁ and fi, Hebrew and Arabic with points and without."""
    text = _FORMS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), unicodedata.normalize("NFC", text))
    return _POINTS.sub("", text).translate(_ALIKE)


def _pairs(run: str) -> str:
    return " ".join(run[start : start + 2] for start in range(max(1, len(run) - 1)))
