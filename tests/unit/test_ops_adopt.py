"""The pure part of `kbray adopt`: what words mean, where keys lead, which table is proposed, and that a proposal can be read."""

import tomllib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kbray.catalogue import KnownLocation
from kbray.catalogue.foreign import ForeignColumn, ForeignRow, ForeignTable
from kbray.errors import ConfigError
from kbray.model import FileId, Seen
from kbray.ops.adopt import differs, locate
from kbray.ops.adopt.mapping import MEANINGS, Columns, Mapping, Meaning, load
from kbray.ops.adopt.propose import Candidate, by_contents, by_names, guess, render
from kbray.ops.sync.walk import Place, Root, within

BUCKET = Root("s3://b/raw", None)
FOLDER = Root("/data/raw", "/data/raw")


def mapping(**statuses: Meaning) -> Mapping:
    return Mapping(table="t", objects="s3://b", columns=Columns(key="k", status="s"), statuses=statuses)


def table(called: str, /, **columns: str) -> ForeignTable:
    return ForeignTable("public", called, tuple(ForeignColumn(one, kind) for one, kind in columns.items()))  # type: ignore[arg-type]


# ---------------------------------------------------------------- words


def test_a_word_means_what_is_written_or_else_what_is_written_in_another_case() -> None:
    said = mapping(done="indexed", DONE="skip", Error="failed")
    assert [said.meaning(word) for word in ("done", "DONE", " done ", "Done", "ERROR", "gone")] == [
        *("indexed", "skip", "indexed", "indexed", "failed"),
        None,
    ]


def test_rows_without_a_status_are_said_by_the_empty_word() -> None:
    assert [mapping().meaning(word) for word in (None, "", " ")] == [None] * 3
    said = Mapping(table="t", objects="o", columns=Columns(key="k", status="s"), statuses={"": "synced"})
    assert [said.meaning(word) for word in (None, "", " ", "x")] == ["synced"] * 3 + [None]


def test_usual_words_are_guessed() -> None:
    asked = (
        "synced",
        "Pending",
        "IN PROGRESS",
        "in-progress",
        "processed",
        "COMPLETED",
        "indexed",
        "error",
        "deleted",
        None,
        "  ",
    )
    assert [guess(word) for word in asked] == [
        *("synced", "synced", "processing", "processing", "processed", "processed", "indexed", "failed", "skip"),
        *("synced", "synced"),
    ]
    assert guess("quarantined") is None


@given(st.text(max_size=40))
def test_a_guess_is_a_meaning_or_none(word: str) -> None:
    assert guess(word) in (None, *MEANINGS)


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize(
    ("key", "root", "strip", "place"),
    [
        ("a/b.txt", BUCKET, "", "s3://b/raw/a/b.txt"),
        ("old/a.txt", BUCKET, "old/", "s3://b/raw/a.txt"),
        ("s3://b/raw/ü 1.txt", BUCKET, "", "s3://b/raw/ü 1.txt"),
        ("s3://b/rawer/x", BUCKET, "", None),
        ("s3://other/raw/x", BUCKET, "", None),
        ("a/../b", BUCKET, "", "s3://b/raw/a/../b"),  # no way out: in a bucket two dots are a name
        ("a//./b.txt", FOLDER, "", "/data/raw/a/b.txt"),
        ("/data/raw/b.txt", FOLDER, "", "/data/raw/b.txt"),
        ("a/../../raw/b", FOLDER, "", "/data/raw/b"),
        ("../x", FOLDER, "", None),
        ("/etc/passwd", FOLDER, "", None),
        ("/data/rawer", FOLDER, "", None),
    ],
)
def test_a_key_leads_to_a_place_below_the_root(key: str, root: Root, strip: str, place: str | None) -> None:
    assert locate(key, root, strip) == place


@given(st.lists(st.sampled_from(["..", ".", "", "a", "/", "s3://b", "s3:", "raw", "data", "\\", "é"]), max_size=8).map("/".join))
def test_no_key_leads_out(key: str) -> None:
    for root in (BUCKET, FOLDER):
        place = locate(key, root, "")
        assert place is None or within(place, root.uri)
    place = locate(key, FOLDER, "")
    assert place is None or ".." not in Path(place).parts


def test_what_was_replaced_is_noticed_by_size_md5_and_sha256() -> None:
    md5, sha = "0" * 32, "a" * 64
    place = Place(Seen("s3://b/x", 5, 1, md5), "x", None)
    known = KnownLocation("s3://b/x", FileId(1), sha, 5, 1, md5)

    def row(size: int | None = None, hashed: str | None = None) -> ForeignRow:
        return ForeignRow("x", "indexed", None, size, hashed)

    same = (row(), row(5), row(5, f'"{md5}"'), row(None, sha.upper()), row(5, "unlike any hash"), row(5, "  "))
    assert [differs(one, place, known) for one in same] == [False] * 6
    assert [differs(one, place, known) for one in (row(6), row(5, "1" * 32), row(5, "b" * 64))] == [True] * 3
    assert not differs(row(5, "b" * 64), place, None)  # nothing to compare it with


# ---------------------------------------------------------------- proposals


FILES = table("documents", id="number", objectKey="text", State="text", lastError="text", fileSize="number", updatedAt="time")


def test_names_in_any_style_are_understood() -> None:
    assert by_names(FILES).columns == {
        "key": "objectKey",
        "status": "State",
        "error": "lastError",
        "size": "fileSize",
        "updated": "updatedAt",
    }


def test_what_is_in_a_column_weighs_more_than_its_name() -> None:
    two = table("things", name="text", origin="text", status="text", phase="text")
    found = by_contents(
        two,
        {
            "name": ["Ann", "Bob", "Ann"],
            "origin": ["s3://b/1.pdf", "s3://b/2.pdf", "s3://b/3.epub"],
            "status": ["a", "b", "c"],
            "phase": ["done", "failed", "done"],
        },
    )
    assert (found.columns["key"], found.columns["status"], found.bucket) == ("origin", "phase", "b")


def test_people_are_no_files() -> None:
    people = table("users", name="text", email="text", status="text")
    values = {"name": ["Ann", "Bob"], "email": ["ann@example", "bob@example"], "status": ["active", "active"]}
    assert by_contents(people, values).score == 0
    assert by_names(table("numbers", key="number", status="number")).score == 0


@given(st.dictionaries(st.text(max_size=12), st.sampled_from([None, *MEANINGS]), max_size=6), st.text(max_size=12), st.text())
def test_a_proposal_can_be_read_whatever_the_names_are(statuses: dict[str, Meaning | None], name: str, source: str) -> None:
    odd = table(name, k="text")
    chosen = Candidate(odd, {"key": name, "status": name}, 1.0)
    text = render(source, chosen, statuses, Counter(statuses.keys()), [])
    read = tomllib.loads(text)
    assert read["statuses"] == {word: meaning for word, meaning in statuses.items() if meaning is not None}
    assert read["columns"]["key"] == name
    assert read["table"] == odd.label
    assert all(c.isprintable() or c == "\n" for c in text)  # it is shown on terminals


def test_what_is_wrong_with_a_mapping_is_said_with_what_is_allowed(tmp_path: Path) -> None:
    path = tmp_path / "adopt.toml"
    path.write_text('table = "t"\n[columns]\nkey = "k"\nstatus = "s"\n[statuses]\nx = "y"\n')
    with pytest.raises(ConfigError, match=r"objects is missing"):
        load(path)
    path.write_text('objects = "o"\n' + path.read_text())
    with pytest.raises(ConfigError, match=r"statuses.x is 'y'; allowed are synced, processing, .*, skip\."):
        load(path)
    path.write_text(path.read_text().replace('"y"', '"skip"') + "[said]\ntotal = 'many'\n")
    with pytest.raises(ConfigError, match=r"said.total is wrong: Input should be a valid integer"):
        load(path)
