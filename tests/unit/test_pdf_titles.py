"""Title and date of a PDF's information dictionary, where they are those of the document."""

import pytest

from kbray.parse.pdf.outline import metadata_of


class Said:
    """What `pypdfium2.PdfDocument` tells of the information dictionary."""

    def __init__(self, title: str = "", made: str = "", changed: str = "") -> None:
        self._values = {"Title": title, "CreationDate": made, "ModDate": changed}

    def get_metadata_value(self, key: str) -> str:
        return self._values.get(key, "")


@pytest.mark.parametrize(
    "title", ["The Owls of 1999", "10-K 2022", "Doing: a study", "None of us", "PDF", "草枕", "Invoice.pdf for Ann", "Book 1"]
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
        *(
            "/home/ann/fig.eps",
            "(pixel.eps)",
            "X:\\a\\pmm.vp",
            "Owl.pages",
            "notes.txt",
            "Document1",
            "Untitled document",
            "Title",
        ),
        "<4D6963726F736F667420576F7264202D20>",
    ],
)
def test_what_names_no_document_is_no_title(title: str) -> None:
    assert metadata_of(Said(title)).title is None


@pytest.mark.parametrize(
    ("made", "changed", "date"),
    [
        ("D:20190307120000+01'00'", "D:20240101", "2019-03-07"),  # signed later
        ("", "D:20240101", "2024-01-01"),
        ("D:00000805", "D:2018", "2018"),
        ("D:19700101000000Z", "", None),
        ("D:19691231160000-08'00'", "", None),
        ("D:19700101093000Z", "", "1970-01-01"),
    ],
)
def test_the_date_is_when_it_was_made(made: str, changed: str, date: str | None) -> None:
    assert metadata_of(Said(made=made, changed=changed)).date == date
