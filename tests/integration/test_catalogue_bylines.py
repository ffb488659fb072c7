"""Files by their authors and dates: kept with the result, asked for in many spellings, told where they are missing."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kbray.catalogue import Byline, Catalogue, FileRow, Question, Selection, query
from kbray.catalogue import search as searching
from kbray.model import Effort, FileId
from kbray.ops.listing import every_file
from tests.integration.pile import GOOD, claimed, commit, pdf, sql, synced, work
from tests.integration.test_catalogue_again import again, do, processed_as, result, to_do
from tests.integration.test_catalogue_index import claimed as claimed_index
from tests.integration.test_catalogue_index import publish, refs

pytestmark = pytest.mark.integration

PILE: Mapping[str, tuple[tuple[str, ...], str | None]] = {
    "mail.pdf": (("Zoe Ahn <zoe.ahn@example.org>",), "2020-03-15"),
    "mueller.pdf": (("Émile Müller",), "2019-03-07"),
    "natsume.pdf": (("夏目 漱石",), "1906"),
    "nobody.pdf": ((), None),
    "roug.pdf": (("Søren Roug", "O'Brien, Flann"), "2019-05"),
    "smith.pdf": (("Smith, John", "Jane Doe"), "2019"),
    "tolkien.pdf": (("J. R. R. Tolkien",), "1954-07-29"),
}


@pytest.fixture
def pile(catalogue: Catalogue) -> dict[str, FileId]:
    """Files of three passages, indexed."""
    synced(catalogue, *map(pdf, PILE))
    run = catalogue.start_run("process", {})
    for ref, (authors, date) in zip(work(catalogue, run), PILE.values(), strict=True):
        assert commit(catalogue, claimed(catalogue, run, ref), result=replace(GOOD, authors=authors, date=date)).last
    catalogue.end_run(run, "succeeded")
    run = catalogue.start_run("index", {})
    for one in refs(catalogue):
        assert publish(catalogue, claimed_index(catalogue, run, one), "An owl.", "Two owls flew.", "Of houses.")
    catalogue.end_run(run, "succeeded")
    return {row.name: row.id for row in catalogue.files()}


def named(catalogue: Catalogue, author: str | None = None, since: str | None = None, until: str | None = None) -> list[str]:
    by = Byline(author, since, until)
    found = [row.name.removesuffix(".pdf") for row in catalogue.files(by=by)]
    assert catalogue.count(by=by) == len(found)
    return found


@pytest.mark.parametrize(
    ("author", "found"),
    [
        *((name, ["smith"]) for name in ("Smith", "john smith", "SMITH, John", "J. Smith", "smi", "Doe")),
        *((name, ["mueller"]) for name in ("Muller", "Mueller", "müller", "MÜLLER, E.", "Emile")),
        *((name, ["tolkien"]) for name in ("Tolkien", "John Ronald Reuel Tolkien", "j r r tolkien", "John Tolkien")),
        *((name, ["roug"]) for name in ("soren roug", "Soeren", "Søren", "OBrien", "Flann O’Brien")),
        *((name, ["natsume"]) for name in ("夏目漱石", "夏目", "漱石", "夏目 漱石", "漱石 夏目")),
        *((name, ["mail"]) for name in ("zoe", "zoe.ahn@example.org", "Ahn Zoe")),
        *((name, []) for name in ("John Doe", "Jane Smith", "Ronald", "mith", "Smithers", "Jonathan Smith Doe")),
    ],
)
def test_an_author_is_found_in_many_spellings(catalogue: Catalogue, pile: object, author: str, found: list[str]) -> None:
    assert named(catalogue, author) == found


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        ("2019", "2019", ["mueller", "roug", "smith"]),
        ("2019-04", None, ["mail", "roug", "smith"]),  # of 2019 some day may be meant
        ("2019-03-07", "2019-03-07", ["mueller", "smith"]),
        ("2019-03-08", "2019-04", ["smith"]),
        ("2019-05-20", "2019-05-21", ["roug", "smith"]),
        (None, "1954-07", ["natsume", "tolkien"]),
        (None, "1954-06", ["natsume"]),
        ("2020", None, ["mail"]),
        ("2021", None, []),
    ],
)
def test_dates_are_compared_as_far_as_they_are_known(
    catalogue: Catalogue, pile: object, since: str | None, until: str | None, found: list[str]
) -> None:
    assert named(catalogue, None, since, until) == found


def test_the_newest_come_first_page_by_page(catalogue: Catalogue, pile: object) -> None:
    """What has no date comes last, and isn't left out."""
    order = ["mail", "roug", "mueller", "smith", "tolkien", "natsume", "nobody"]
    found: list[FileRow] = []
    while page := catalogue.files(newest=True, after=found[-1].id if found else 0, limit=3):
        found += page
    assert [row.name.removesuffix(".pdf") for row in found] == order
    within = catalogue.files(newest=True, by=Byline(since="2019", until="2019"))
    assert [row.name for row in within] == ["roug.pdf", "mueller.pdf", "smith.pdf"]
    assert [row.id for row in every_file(catalogue, newest=True)] == [row.id for row in found]


def test_they_stand_in_rows_and_hits(catalogue: Catalogue, pile: dict[str, FileId]) -> None:
    row = catalogue.file(pile["smith.pdf"]).row
    hit = catalogue.passages(pile["mail.pdf"], 0, 0)[0]

    assert (row.authors, row.date) == (("Smith, John", "Jane Doe"), "2019")
    assert (hit.authors, hit.date) == (("Zoe Ahn <zoe.ahn@example.org>",), "2020-03-15")


@pytest.mark.parametrize("few", [True, False])
def test_search_within_them(catalogue: Catalogue, pile: dict[str, FileId], monkeypatch: pytest.MonkeyPatch, few: bool) -> None:
    """Whether the files are told by their ids or looked at one by one, and with any other filter."""
    monkeypatch.setattr(searching, "_FEW_FILES", 100 if few else 0)

    def found(words: str, by: Byline, **more: object) -> list[tuple[str, int]]:
        asked = catalogue.narrowed(Question(query.parse(words), by=by, **more))  # type: ignore[arg-type]  # any of its fields
        assert few == (asked.by is None) or asked.file_ids == ()
        places = catalogue.rank_by_words(asked, 100, 100).places
        return sorted((hit.name, hit.ordinal) for hit in catalogue.hits(asked, places))

    one = [("smith.pdf", 0), ("smith.pdf", 1)]
    assert found("owl", Byline("John Smith")) == one
    assert found("owl", Byline("smith"), only="pdf", language="en", file_ids=tuple(pile.values())) == one
    assert found("owl", Byline("smith"), only="epub") == found("owl", Byline("smith"), file_ids=()) == []
    both = [*(("mueller.pdf", n) for n in (0, 1)), *one]
    assert found('"two owls" -houses', Byline(since="2019", until="2019-04")) == both
    assert found("owl", Byline("Tolkien"), language="de") == []


def test_kinds_and_names_are_looked_up_at_once_where_files_are_few(
    catalogue: Catalogue, pile: dict[str, FileId], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Question(query.parse("owl"), only="*smith*")
    one_by_one = catalogue.rank_by_words(asked, 100, 100).places
    assert {place.file_id for place in one_by_one} == {pile["smith.pdf"]}

    assert catalogue.narrowed(asked) == Question(asked.query, file_ids=(pile["smith.pdf"],))
    assert catalogue.rank_by_words(catalogue.narrowed(asked), 100, 100).places == one_by_one

    monkeypatch.setattr(searching, "_FEW_FILES", len(pile) - 1)
    assert catalogue.narrowed(asked) == asked


def test_a_filter_leaves_the_scores_as_they_are(catalogue: Catalogue, pile: dict[str, FileId]) -> None:
    words = query.parse("owl houses")
    everywhere = {(p.file_id, p.ordinal): p.score for p in catalogue.rank_by_words(Question(words), 100, 100).places}
    within = catalogue.rank_by_words(catalogue.narrowed(Question(words, by=Byline("Doe"))), 100, 100).places

    assert [everywhere[p.file_id, p.ordinal] for p in within] == [p.score for p in within]
    assert {p.file_id for p in within} == {pile["smith.pdf"]}


def test_by_meaning_within_them(catalogue: Catalogue, pile: dict[str, FileId], monkeypatch: pytest.MonkeyPatch) -> None:
    model = catalogue.open_model("m", "m1", 4)
    run = catalogue.start_run("index", {})
    plan = catalogue.prepare_vectors(Selection(), model.id)
    for ref in catalogue.index_refs(plan, 2**62, 0, 100):
        claim = catalogue.claim_index(run, ref)
        assert claim is not None
        near = 0.6 if ref.file_id == pile["tolkien.pdf"] else 1.0
        vectors = [[near, (1 - near**2) ** 0.5, 0.0, 0.0]] * 3
        assert catalogue.store_vectors(claim, [0, 1, 2], vectors, (), Effort())
    catalogue.end_run(run, "succeeded")
    for few, compared in ((100, 100), (100, 0), (0, 0)):
        monkeypatch.setattr(searching, "_FEW_FILES", few)
        monkeypatch.setattr(searching, "_COMPARED", compared)
        asked = catalogue.narrowed(Question(query.parse("owl"), by=Byline("Tolkien")))
        places = catalogue.rank_by_meaning(asked, model, [1.0, 0.0, 0.0, 0.0], 10, 3)
        assert [(p.file_id, p.ordinal) for p in places] == [(pile["tolkien.pdf"], n) for n in range(3)]
        assert [p.score for p in places] == pytest.approx([0.6] * 3, abs=0.001)


def test_files_without_a_date_are_counted(catalogue: Catalogue, pile: dict[str, FileId], database_url: str) -> None:
    assert catalogue.undated(Selection()) == 1
    assert catalogue.undated(Selection(by=Byline("Smith"))) == 0
    sql(database_url, "UPDATE files SET dated = NULL WHERE id = :id", id=pile["smith.pdf"])
    assert catalogue.undated(Selection(by=Byline("Smith"))) == 1
    assert catalogue.undated(Selection(only="epub")) == 0


def test_what_was_processed_before_is_noted_once(catalogue: Catalogue, pile: dict[str, FileId], database_url: str) -> None:
    sql(database_url, "UPDATE files SET authors = NULL, names = NULL, dated = NULL WHERE id < 4")
    (one, sha256, fingerprint), *others = catalogue.unsigned(0, 10)
    assert (one, sha256, fingerprint) == (1, catalogue.file(FileId(1)).row.sha256, GOOD.fingerprint)
    assert [row[0] for row in others] == [2, 3]
    assert [row[0] for row in catalogue.unsigned(1, 1)] == [2]

    catalogue.sign([(FileId(1), GOOD.fingerprint, ("Ada",), "1843"), (FileId(2), "another", ("Bob",), None)])
    catalogue.sign([(FileId(1), GOOD.fingerprint, ("Eve",), None), (FileId(3), GOOD.fingerprint, (), None)])
    catalogue.sign([])

    assert [row[0] for row in catalogue.unsigned(0, 10)] == [2]
    assert named(catalogue, "Ada") == ["mail"]
    assert catalogue.file(FileId(1)).row.date == "1843"


def test_what_is_processed_anew_is_by_whom_the_new_result_says(catalogue: Catalogue, pile: dict[str, FileId]) -> None:
    assert catalogue.reset([pile["smith.pdf"]]) == 1
    assert named(catalogue, "Smith") == []
    run = catalogue.start_run("process", {})
    (ref,) = work(catalogue, run)
    commit(catalogue, claimed(catalogue, run, ref), result=replace(GOOD, authors=("Ada",), date="1843"))

    assert named(catalogue, "Ada", "1843", "1843") == ["smith"]


def test_a_result_that_is_kept_keeps_its_byline(catalogue: Catalogue) -> None:
    """Done another way, which makes nothing better; also where it was not looked for yet."""
    run = catalogue.start_run("process", {})
    signed = replace(result("poor"), authors=("Ada",), date="1843")
    first, other = processed_as(catalogue, run, signed, replace(signed, authors=None))
    refs = to_do(catalogue, run)
    assert named(catalogue, "Ada") == []
    for ref in refs:
        do(catalogue, run, ref, replace(again("poor", 0.5), authors=("Eve",), date=None))
        catalogue.finish(run, ref.file_id, replace(again("poor", 0.5), authors=("Eve",), date=None))

    assert [row.id for row in catalogue.files(by=Byline("Ada", "1843"))] == [first]
    assert [row[0] for row in catalogue.unsigned(0, 10)] == [other]
