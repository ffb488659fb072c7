"""Pages of an original, drawn as recognition sees them."""

from collections.abc import Iterator

from kbray.catalogue import FileRow
from kbray.errors import MissingResult
from kbray.model import PageImage, Window
from kbray.objects import layout
from kbray.wiring import Wiring

WINDOW = 16
"""Pages drawn in one call of the parse child."""


def images(wired: Wiring, row: FileRow, first: int, last: int, dpi: int) -> Iterator[PageImage]:
    """The pages from `first` to `last` of a PDF, a DjVu or an image file, in grey, as JPEG; blank ones are left out.

    Raises: MissingResult: the original is gone. DocumentError: they can't be drawn.
    """
    settings = wired.settings.model_copy(update={"ocr": "always", "ocr_dpi": dpi})
    with Wiring(settings) as drawing:
        try:
            with drawing.objects().local(layout.original(row.sha256)) as path:
                for start in range(first, last + 1, WINDOW):
                    window = Window(start, min(start + WINDOW - 1, last))
                    yield from drawing.sandbox().parse(path, row.media_type, window).images
        except KeyError:
            raise MissingResult(f"The original of {row.name} is no longer in {drawing.objects().url}.") from None
