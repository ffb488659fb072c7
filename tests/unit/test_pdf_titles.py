"""The title of a PDF's information dictionary, where it names the document."""

import pytest

from kbray.parse.pdf.outline import metadata_of


class Said:
    """What `pypdfium2.PdfDocument` tells of the information dictionary."""

    def __init__(self, title: str) -> None:
        self._title = title

    def get_metadata_value(self, key: str) -> str:
        return self._title if key == "Title" else ""


@pytest.mark.parametrize(
    "title", ["The Owls of 1999", "10-K 2022", "Doing: a study", "None of us", "PDF", "草枕", "Invoice.pdf for Ann"]
)
def test_a_title_counts(title: str) -> None:
    assert metadata_of(Said(title)).title == title


@pytest.mark.parametrize(
    "title",
    [
        *(
            "(anonymous)",
            "(unspecified)",
            "untitled",
            "Adobe Photoshop PDF",
            "doi:10.1016/j.jhydrol.2005.01.006",
            "0001564590-21-033616",
        ),
        *("Test Orient PDF.docx", "Microsoft Word - Letter to Ann.doc", "Budget 2018.xlsm", "...", ""),
    ],
)
def test_what_names_no_document_is_no_title(title: str) -> None:
    assert metadata_of(Said(title)).title is None
