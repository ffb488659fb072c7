"""What is asked for by a date or a name: as PostgreSQL is told it. What it finds: integration/test_catalogue_bylines.py."""

import pytest

from kbray.catalogue import names
from kbray.catalogue.selection import Byline, byline
from kbray.errors import ConfigError


def test_authors_have_places_of_their_own() -> None:
    assert names.vector(("Smith, John", "Émile Müller")) == "'john':1 'smith':1 'emile':2 'mueller':2 'muller':2"
    assert names.vector(("夏目 漱石",)) == "'夏目':1 '夏目漱石':1 '漱石':1 '目漱石':1 '石':1"
    assert names.vector(()) == ""


def test_a_name_without_letters_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"An author has a name: there is no letter in '42 & 7'\."):
        names.query("42 & 7")


def test_dates_are_days_months_or_years() -> None:
    assert byline("Ada", 2019, " 2020-06 ") == Byline("Ada", "2019", "2020-06")
    assert byline(None, "2020-02-29", None) == Byline(since="2020-02-29")
    assert byline(None, "2020-06", "2020") == Byline(since="2020-06", until="2020")
    assert byline(None, None, None) is None


@pytest.mark.parametrize("said", ["last week", "2019-13", "2019-02-30", "2019-3", "7.3.2019", "0000", "", 19])
def test_other_dates_are_refused(said: str | int) -> None:
    with pytest.raises(ConfigError) as caught:
        byline(None, None, said)
    assert str(caught.value) == (f"until: '{said}' is no date; give a day (2019-03-07), a month (2019-03) or a year (2019).")


def test_a_time_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ConfigError, match="Nothing is since 2020-07 and until 2020-06: the first date is after the last"):
        byline(None, "2020-07", "2020-06")
