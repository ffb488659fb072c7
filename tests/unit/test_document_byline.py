"""Authors and dates of documents, as far as their metadata name any."""

import pytest

from kbray.document import byline


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2019", "2019"),
        ("2019-03", "2019-03"),
        ("201903", "2019-03"),
        ("2019-03-07", "2019-03-07"),
        ("20190307", "2019-03-07"),
        ("2019/03/07 10:00", "2019-03-07"),
        ("2022-04-21T20:37:15-06:00", "2022-04-21"),
        ("2015-03-01T17:26:12.31", "2015-03-01"),
        ("Fri, 15 Mar 2024 14:30:00 +0000", "2024-03-15"),
        ("Tue, 5 Jan 99 12:00:00", "1999-01-05"),
        ("7.3.2019", "2019-03-07"),
        ("13/4/2020", "2020-04-13"),
        ("4/13/2020", "2020-04-13"),
        ("3/4/2020", "2020"),  # in March or in April
        ("March 2019", "2019-03"),
        ("7th March 2019", "2019-03-07"),
        ("March 7, 2019", "2019-03-07"),
        ("c1898", "1898"),
        ("19 février 2018", "2018"),
        ("2019-13-45", "2019"),
        ("2019-02-30", "2019-02"),
        ("1970-01-01", "1970-01-01"),  # of a book
    ],
)
def test_a_date_in_any_form_is_as_exact_as_it_is_sure(said: str, day: str) -> None:
    assert byline.day(said) == day


@pytest.mark.parametrize(
    "said",
    [
        *(None, "", "soon", "1819-1898", "12 Jan", "0000-08-05", "0101-01-01T00:00:00+00:00", "9999-12-31"),
        *("1601-01-01T00:00:00", "1904-01-01", "1970-01-01T00:00:00Z", "1980-01-01 00:00:00+00:00"),
        *("2013-12-23T23:15:00Z", "2013-01-27T09:14:16Z"),  # of the templates of python-docx and python-pptx
    ],
)
def test_what_programs_write_without_a_date_is_none(said: str | None) -> None:
    assert byline.day(said) is None


def test_authors_are_persons_and_bodies() -> None:
    said = [
        "Verne, Jules (1828-1905)",
        "Ward, Humphry, Mrs. (1851-1920)",
        "Tom Prince,,,",
        '"Ada" <ada@x.org>',
        "夏目 漱石",
        "IEEE",
    ]

    assert byline.authors([*said, "IEEE"]) == ("Verne, Jules", "Ward, Humphry, Mrs.", "Tom Prince", "Ada <ada@x.org>", *said[4:])
    assert [byline.shown(one) for one in ("Ada <ada@x.org>", "<ada@x.org>", "ada@x.org")] == ["Ada", "ada@x.org", "ada@x.org"]


@pytest.mark.parametrize(
    "said",
    [
        *("admin", "User", "user1", "(anonymous)", "Windows User", "Microsoft Office User", "微软用户", "Unknown Author", "N/A"),
        *("python-docx", "openpyxl", "https://imagemagick.org", "kb09927166", "1671251", "R002325", "xxxxxxxx", "-", "", "\x00"),
        *("yXaryipxyRk9dVjWjSSaVaNCKeLRgEVzPRMp", "<admin@localhost>"[:0] + "Author <>"),
    ],
)
def test_accounts_and_programs_are_no_authors(said: str) -> None:
    assert byline.authors([said]) == ()


def test_a_name_with_figures_is_one() -> None:
    assert byline.authors(["U2", "User Manual Team 2019", "a.long.address.of.somebody@example.org"]) == (
        "U2",
        "User Manual Team",
        "a.long.address.of.somebody@example.org",
    )


def test_told_in_a_few_words() -> None:
    assert byline.told((), None) == ""
    assert byline.told(("Ada <ada@x.org>",), "2019-03") == "Ada, 2019-03"
    assert byline.told(("Ada", "Babbage", "Cray"), "1843") == "Ada, Babbage et al., 1843"
    assert byline.told(("x " * 40,), None) == "x " * 24 + "x…"
