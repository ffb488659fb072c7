"""Pictures in office files and books that may have text on them → images to be recognised; the others are told."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from kbray.config import MiB, Settings
from kbray.errors import DocumentError, EmptyDocument
from kbray.model import PageImage, Parsed
from kbray.parse import images
from kbray.parse.archive import Archive

_FOLDERS = ("word/media/", "ppt/media/", "xl/media/", "Pictures/")
_OTHERS = tuple(".mp3 .mp4 .m4a .m4v .wav .wma .wmv .avi .mov .mpg .mpeg .mid .aif .aiff .webm".split())
"""What lies there and is no picture; nor is the SVG of Office, which stands beside a PNG of it."""
_LEAST = 90_000  # pixels: a tenth of a page at the resolution of a screen
_NARROWEST = 16  # pixels of a side: a line of the smallest print
_MOST = 10_000_000  # pixels that are looked at: a page at 320 dots an inch
_BYTES = 48 * MiB  # of all pictures of a file, as they go to recognition
_PIXELS = 2_000_000_000  # of all pictures of a file, as they are decoded: about a minute


def of_package(parsed: Parsed, package: Archive, limits: Settings) -> Parsed:
    """`with_pictures` of all that lie in the package."""

    def read(target: str) -> bytes:
        member = package.find(target)
        return package.read(member) if member is not None else b""

    return with_pictures(parsed, sum(map(_is_picture, package.names)), read, limits)


def _is_picture(member: str) -> bool:
    name = member.lower()
    return member.startswith(_FOLDERS) and not name.endswith(_OTHERS) and not (name.endswith(".svg") and "/media/" in name)


def with_pictures(parsed: Parsed, held: int, read: Callable[[str], bytes], limits: Settings) -> Parsed:
    """`parsed` with those pictures to be recognised that it shows and that are large enough for print, each once.

    Those that can't be decoded are left out, and what is more than is kept of a file; a warning tells how many.

    Args: held: how many pictures the file has. read: the bytes of one by the target of its element, or none.
    """
    targets = dict.fromkeys(one.target for one in parsed.elements if one.kind == "image" and one.is_content)
    found: list[PageImage] = []
    known: set[bytes] = set()
    repeated = size = decoded = 0
    for target in filter(None, targets) if limits.ocr != "never" else ():
        try:
            data = read(target)
            digest = hashlib.sha256(data).digest()
            if digest in known:
                repeated += 1
                continue
            pixels = _pixels(data)
            if not pixels or decoded + pixels > _PIXELS or size >= _BYTES:
                continue
            decoded += pixels
            image = images.read(data, len(found) + 1, _bounded(limits))
        except DocumentError:  # of this picture: encrypted, damaged, too large
            continue
        size += len(image.image)
        if size <= _BYTES:
            known.add(digest)
            found.append(replace(image, target=target))
    unread = held - len(found) - repeated
    told = (f"Pictures in the file are not read ({unread}).",) if unread > 0 else ()
    return replace(parsed, images=tuple(found), warnings=(*parsed.warnings, *told))


def not_empty(parsed: Parsed, name: str) -> Parsed:
    """`parsed`, if there is anything to read in it or to recognise.

    Raises: EmptyDocument: there is nothing in the file, which is called `name` here.
    """
    if not parsed.images and not any(element.text for element in parsed.elements):
        pictures = len({element.target or place for place, element in enumerate(parsed.elements) if element.kind == "image"})
        raise EmptyDocument(f"There is no text in the {name}{f', only pictures ({pictures})' if pictures else ''}.")
    return parsed


def _pixels(data: bytes) -> int:
    """How many it has; 0: it is too small, or can't be opened."""
    width, height = images.size(data)
    return width * height if min(width, height) >= _NARROWEST and width * height >= _LEAST else 0


def _bounded(limits: Settings) -> Settings:
    return limits.model_copy(update={"max_page_pixels": min(limits.max_page_pixels, _MOST)})
