"""One page of HTML with a document beside what was read of it, for a browser; it holds all it shows and fetches nothing."""

import base64
import io
import json
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from PIL import Image

from kbray.catalogue import FileRow
from kbray.document.arrow import elements_from_parquet
from kbray.document.grading import DOUBTFUL
from kbray.document.tables import table_to_html
from kbray.errors import MissingResult
from kbray.geometry import Box
from kbray.model import KINDS, Element, PageImage
from kbray.objects import layout
from kbray.ops.pages import images
from kbray.ops.results import folder_of
from kbray.parse.epub.chapters import chapters
from kbray.wiring import Wiring

DPI, QUALITY = 90, 35
"""Enough to compare with."""
_MOST_PIXELS = 2000  # on the long side: photographs and posters
_LETTER = (612.0, 792.0)  # points, where no page is drawn


def write(wired: Wiring, row: FileRow, out: Path, *, first: int = 1, last: int | None = None) -> None:
    """Write the page, page image by page image; `out` is there when it is whole.

    Args: first, last: the pages whose images are in it; elements are all there.
    Raises: MissingResult: the file has no result, or its original is gone. DocumentError: the original can't be drawn.
            OSError: `out` can't be written.
    """
    folder = folder_of(row, wanted="result to look at")
    try:
        elements = elements_from_parquet(wired.objects().get(folder + layout.ELEMENTS))
        manifest = json.loads(wired.objects().get(folder + layout.MANIFEST))
    except KeyError:
        raise MissingResult(f"The result of {row.name} is no longer in {wired.objects().url}.") from None
    template = files("kbray.ops").joinpath("inspection.html").read_text(encoding="utf-8")
    template = template.replace("NONCE", secrets.token_urlsafe(16)).replace("TITLE", escape(row.title or row.name))
    before, _, after = template.partition("<!-- images and data -->")
    sizes: dict[int, tuple[float, float]] = {}
    begun = Path(f"{out}.part")
    try:
        with begun.open("w", encoding="utf-8", errors="replace") as page:
            page.write(before)
            for image in images(wired, row, first, min(last or row.pages or 0, row.pages or 0), DPI):
                sizes[image.page] = (image.width_pt, image.height_pt)
                page.write(_image(image))
            data = json.dumps(_data(row, manifest, elements, list(_units(wired, row, manifest, elements, sizes))))
            data = data.replace("<", "\\u003c")  # so that no text can end the script it stands in
            page.write(f'<script type="application/json" id="data">{data}</script>')
            page.write(after)
        begun.replace(out)
    finally:
        begun.unlink(missing_ok=True)


def _image(image: PageImage) -> str:
    small = io.BytesIO()
    side = min(_MOST_PIXELS, round(max(image.width_pt, image.height_pt) / 72 * DPI))
    with Image.open(io.BytesIO(image.image)) as drawn:
        drawn.thumbnail((side, side))  # what is an image file comes as large as it is
        drawn.save(small, "WEBP", quality=QUALITY, method=2)
    return f'<script type="text/plain" id="image-{image.page}">{base64.b64encode(small.getvalue()).decode()}</script>\n'


def _data(row: FileRow, manifest: dict[str, Any], elements: Sequence[Element], units: list[dict[str, Any]]) -> dict[str, Any]:
    counts = Counter(element.kind for element in elements)
    told = manifest["completeness"]
    recognised = manifest["recognised"]
    what = [row.name, row.media_type, f"read by {manifest['engine']['name']}", manifest["language"]]
    state = ["complete" if told["complete"] else "incomplete"]
    if told["unit"] != "document":
        state[0] += f": {told['produced']} of {_counted(told['expected'], told['unit'])}"
    state += [f"quality: {row.quality or 'not graded'}", f"{told['characters']:,} characters"]
    if recognised["elements"]:
        state.append(f"{_counted(recognised['elements'], 'element')} recognised, mean confidence {recognised['confidence']}")
    problems = [f"{one['stage']}, {one['code']}: {one['message']}" for one in manifest["failures"]]
    problems += [f"{row.quality}, {reason.code}: {reason.message}" for reason in row.reasons]
    return {
        "title": row.title or row.name,
        "about": [" · ".join(filter(None, what)), " · ".join(state)],
        "problems": [*problems, *manifest["warnings"]],
        "kinds": [(kind, counts[kind]) for kind in KINDS if counts[kind]],
        "unit": "page" if row.pages else "part",
        "units": units,
        "doubtful": DOUBTFUL,
        "language": manifest["language"] or "",
        "elements": [_told(element) for element in elements],
    }


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _told(element: Element) -> dict[str, Any]:
    """What there is to show of it; what it lacks is left out."""
    boxes = {page: found for page in element.pages if (found := element.boxes_on(page))}
    told = {
        "kind": element.kind,
        "text": element.text,
        "level": element.level,
        "marker": element.marker,
        "language": element.language,
        "confidence": None if element.confidence is None else round(element.confidence, 2),
        "anchor": element.anchor,
        "target": element.target,
        "print": element.print_page,
        "continues": element.continues,
        "around": not element.main,
        "path": element.heading_path,
        "table": table_to_html(element.table) if element.table else None,
        "boxes": {page: [_sides(box) for box in found] for page, found in boxes.items()},
    }
    return {name: value for name, value in told.items() if value not in (None, "", (), {}, 0, False)}


def _sides(box: Box) -> list[float]:
    return [round(side, 1) for side in (box.left, box.top, box.right, box.bottom)]


def _units(
    wired: Wiring,
    row: FileRow,
    manifest: dict[str, Any],
    elements: Sequence[Element],
    sizes: dict[int, tuple[float, float]],
) -> Iterator[dict[str, Any]]:
    """Pages, chapters, or the whole, in order, each with the numbers of its elements; those without any, too."""
    numbers: dict[int | str | None, list[int]] = {}
    for number, element in enumerate(elements):
        for place in element.pages or (None,) if row.pages else (element.chapter,):
            numbers.setdefault(place, []).append(number)
    missing = set(manifest["completeness"]["missing"])
    if row.pages:
        width, height = next(iter(sizes.values()), _LETTER)
        for page in range(1, row.pages + 1):
            width, height = sizes.get(page, (width, height))  # one that is not drawn is like the one before it
            unit = {"page": page, "width": width, "height": height, "missing": str(page) in missing}
            yield {"name": f"Page {page}", "elements": numbers.pop(page, []), **unit}
    else:
        for name, markup in _chapters(wired, row):
            yield {"name": name or "The page", "elements": numbers.pop(name or None, []), "markup": markup}
        for name in missing:
            yield {"name": name, "elements": numbers.pop(name, []), "missing": True}
    for place, found in numbers.items():
        yield {"name": str(place or "The whole"), "elements": found}


def _chapters(wired: Wiring, row: FileRow) -> list[tuple[str, str]]:
    try:
        with wired.objects().local(layout.original(row.sha256)) as path:
            return wired.sandbox().call(chapters, path, row.media_type, wired.settings)
    except KeyError:
        raise MissingResult(f"The original of {row.name} is no longer in {wired.objects().url}.") from None
