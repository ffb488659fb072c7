"""kbray.open(): what notebooks and programs see of a knowledge base."""

import asyncio
import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from mcp import Client
from PIL import Image
from sqlalchemy import text
from sqlalchemy.exc import InternalError

import kbray
from kbray.catalogue import Catalogue, Selection
from kbray.config import Settings
from kbray.document.chunking import chunk
from kbray.errors import ConfigError, MissingResult
from kbray.library import Library
from kbray.model import Effort
from kbray.serve.langchain import KbrayRetriever
from kbray.serve.llamaindex import KbrayReader
from kbray.serve.mcp import server
from tests.integration.library import Library as Pile
from tests.integration.library import a_failure
from tests.integration.pile import sql
from tests.writers.pdf import Page, write_pdf

pytestmark = pytest.mark.integration


@pytest.fixture
def kb(tmp_path: Path, catalogue: Catalogue, database_url: str) -> Iterator[Library]:
    """Two pages indexed, one failed."""
    (tmp_path / "tree").mkdir()
    settings = Settings(home=tmp_path / "home", database_url=database_url, patience_s=5)
    pile = Pile(tmp_path / "tree", catalogue, settings)
    for name, title in (("physics.html", "Physics"), ("owls.html", "Owls"), ("broken.html", "Broken")):
        pile.page(name, title)
    pile.sync()
    pile.process({"broken.html": a_failure("corrupt_document", "It is broken.")})
    with kbray.open(home=tmp_path / "home", database_url=database_url) as found:
        run = catalogue.start_run("index", {})
        plan = catalogue.prepare_index(Selection(), "now")
        for ref in catalogue.index_refs(plan, 2**62, 0, 10):
            claim = catalogue.claim_index(run, ref)
            assert claim is not None
            chunks = chunk(found.document(ref.file_id).elements, lambda texts: [len(text.split()) for text in texts])
            assert catalogue.publish(claim, "now", chunks, (), Effort())
        catalogue.end_run(run, "succeeded")
        yield found


def test_nothing_can_be_changed_through_it(kb: Library, database_url: str) -> None:
    with pytest.raises(InternalError, match="read-only transaction"):
        kb._wired.catalogue().start_run("mcp", {})
    with Catalogue(database_url, read_only=True) as catalogue:
        assert catalogue._do(lambda connection: connection.scalar(text("SELECT current_user"))) == "pg_read_all_data"
    kb.load()


def test_files_are_a_table(kb: Library) -> None:
    rows = {row["name"]: row for row in kb.files().to_pylist()}
    assert {name: row["status"] for name, row in rows.items()} == {
        "broken.html": "failed",
        "owls.html": "indexed",
        "physics.html": "indexed",
    }
    assert rows["broken.html"]["error"] == "corrupt_document"
    assert rows["owls.html"]["title"] == "Owls"
    assert kb.files(status="failed").column("name").to_pylist() == ["broken.html"]
    assert kb.files(only="pdf").num_rows == 0


def test_a_document_is_read_when_it_is_asked_for(kb: Library) -> None:
    owls = kb.document("owls.html")
    assert "Owls" in owls.markdown
    assert owls.manifest["completeness"]["complete"] is True
    assert owls.elements[0].text == owls.table.column("text")[0].as_py()
    assert [hit.chunk.first for hit in owls.passages] == [0]
    assert kb.document(owls.row.id).row == owls.row

    with pytest.raises(MissingResult, match="It is broken"):
        _ = kb.document("broken.html").markdown
    with pytest.raises(ConfigError, match="No file is known as"):
        kb.document("no.html")
    for number in (0, -1, 10**6, 2**70):
        with pytest.raises(ConfigError, match=f"No file has the id {number};"):
            kb.document(number)


def test_search_gives_hits(kb: Library) -> None:
    (hit,) = kb.search("owls")
    assert (hit.name, hit.title) == ("owls.html", "Owls")
    assert kb.search("owls", only="pdf") == []


def test_files_are_found_by_words_of_their_titles_and_places(kb: Library) -> None:
    assert [row.name for row in kb.rows(named="OWLS")] == ["owls.html"]
    assert [row.name for row in kb.rows(named="tree physics")] == ["physics.html"]
    assert kb.rows(named="owls physics") == []
    assert (kb.count(), kb.count(named="html"), kb.count(named="html", status="failed")) == (3, 3, 1)
    (owls,) = kb.called("owls.html", 9)
    assert kb.called("Owls", 9) == [owls]
    assert [row.name for row in kb.called("html", 2)] == ["broken.html", "owls.html"]
    assert kb.count(file_ids=[owls.id]) == 1


def test_search_looks_where_it_is_told_to_and_knows_what_is_nowhere(kb: Library) -> None:
    (owls,) = kb.called("owls.html", 1)
    assert [hit.name for hit in kb.search("words about", file_ids=[owls.id])] == ["owls.html"]
    assert kb.search("physics", file_ids=[owls.id]) == []
    assert {hit.name for hit in kb.search("words about", per_file=1)} == {"owls.html", "physics.html"}
    assert kb.unknown('owls nowhere "the zyzzyvas" the') == ["nowhere", "zyzzyvas"]
    named = kb.passage(f"{owls.id}:0")
    assert named is not None
    assert "Owls" in named.chunk.text
    assert kb.passage("owls.html") is None


def test_an_unknown_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match="Unknown setting nonsense in what was given"):
        kbray.open(nonsense=1)
    with pytest.raises(ConfigError, match="Did you mean home"):
        kbray.open(hom="/x")


def test_what_can_not_be_meant_is_refused_in_a_sentence(kb: Library) -> None:
    with pytest.raises(ConfigError, match="no status 'donne': it is one of synced, processing"):
        kb.files(status="donne")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no grade 'bad': it is one of good"):
        kb.rows(quality="bad")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no search mode 'lex': it is one of hybrid"):
        kb.search("owls", mode="lex")  # type: ignore[arg-type]
    for k in (0, -3):
        with pytest.raises(ConfigError, match="ask for 1 or more"):
            kb.search("owls", k)


def test_a_page_can_be_seen(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "tree").mkdir()
    settings = Settings(home=tmp_path / "home", database_url=database_url, patience_s=5)
    with Catalogue(database_url) as catalogue:
        pile = Pile(tmp_path / "tree", catalogue, settings)
        write_pdf(tmp_path / "tree" / "paper.pdf", [Page().paragraph(72, 100, ["Words."]), Page()])
        pile.page("page.html", "Not paged")
        pile.sync()
        pile.process()
    with kbray.open(home=settings.home, database_url=database_url) as kb:
        document = kb.document("paper.pdf")
        seen = document.page_image(1, dpi=72)
        (element,) = document.elements
        with Image.open(io.BytesIO(seen.image)) as image:
            assert image.size == (round(seen.width_pt), round(seen.height_pt))
            box = element.box
            assert box is not None
            shades = np.asarray(image)
            assert shades[int(box.top) : int(box.bottom), int(box.left) : int(box.right)].min() < 100, "ink"
            assert shades[:90, :60].min() > 200, "none"
        with pytest.raises(MissingResult, match=r"paper\.pdf has 2 pages that can be drawn; 3 is none of them"):
            document.page_image(3)
        with pytest.raises(MissingResult, match=r"Page 2 of paper\.pdf is blank"):
            document.page_image(2)
        with pytest.raises(MissingResult, match=r"has no pages that can be drawn"):
            kb.document("page.html").page_image(1)
        run = kb.runs()[0]
        assert kb.attempts(run.id).select(["name", "outcome", "part"]).to_pylist() == [
            {"name": name, "outcome": "done", "part": 0} for name in ("page.html", "paper.pdf")
        ]


def test_it_is_a_retriever_for_langchain(kb: Library) -> None:
    documents = KbrayRetriever(library=kb, k=1, only="html").invoke("words about physics")
    assert [(one.page_content, one.metadata["name"]) for one in documents] == [
        ("Physics\n\nWords about Physics.", "physics.html")
    ]
    (hit,) = kb.search("words about physics", 1, only="html")
    assert documents[0].id == documents[0].metadata["hit"] == f"{hit.file_id}:{hit.ordinal}"


def test_it_is_a_reader_for_llamaindex(kb: Library) -> None:
    documents = KbrayReader(kb).load_data(only="html")
    assert [(one.metadata["name"], one.text) for one in documents] == [
        (name, kb.document(name).markdown) for name in kb.files(status="indexed", only="html")["name"].to_pylist()
    ]
    assert documents[0].id_ == kb.document(documents[0].metadata["name"]).row.sha256


def test_agents_are_told_how_far_a_text_can_be_trusted(kb: Library) -> None:
    async def talk() -> None:
        async with Client(server(kb)) as client:

            async def listed(**arguments: object) -> str:
                [content] = (await client.call_tool("list_files", arguments)).content
                assert content.type == "text"
                return content.text

            everything = await listed()
            assert everything.startswith("3 files\n")
            assert "broken.html (html)\n  failed: It is broken." in everything
            good = await listed(quality="good")
            assert (good.splitlines()[0], "owls.html — Owls" in good, "broken.html" in good) == ("2 files", True, False)
            assert "poor" not in everything
            assert await listed(quality="poor") == "0 files\n"

    asyncio.run(talk())


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (
            {"query": "physics", "language": "English"},
            "No passage is in 'English': a language is asked for by its tag, and there are en.",
        ),
        ({"query": "-physics"}, "There is no word to look for; name one besides what must not be there."),
        ({"query": "owls", "language": "en", "files": "physics*"}, "Nothing is found."),
    ],
)
def test_agents_are_told_why_nothing_is_found(kb: Library, arguments: dict[str, object], why: str) -> None:
    async def talk() -> None:
        async with Client(server(kb)) as client:
            [content] = (await client.call_tool("search", arguments)).content
            assert content.type == "text"
            assert content.text == why

    asyncio.run(talk())


def test_agents_are_not_offered_null_but_may_send_it(kb: Library) -> None:
    async def talk() -> None:
        async with Client(server(kb)) as client:
            for tool in (await client.list_tools()).tools:
                assert "null" not in str(tool.input_schema)
                assert "None" not in str(tool.input_schema)
                assert all(told.get("type") or told["anyOf"] for told in tool.input_schema["properties"].values())
            result = await client.call_tool("list_files", {"files": None, "since": None, "quality": None})
            assert not result.is_error

    asyncio.run(talk())


def test_agents_get_the_newest_first(kb: Library) -> None:
    """Of files, and of the passages that answer; a plain search puts the best first."""
    url = kb._wired.settings.database_url
    assert url is not None
    for name, date in (("physics.html", "2019-05"), ("owls.html", "2020")):
        sql(url, "UPDATE files SET dated = :date WHERE id = :id", date=date, id=kb.document(name).row.id)

    async def talk() -> None:
        async with Client(server(kb)) as client:

            async def names(tool: str, **arguments: object) -> list[str]:
                [content] = (await client.call_tool(tool, arguments)).content
                assert content.type == "text"
                return re.findall(r"^\[[\d:]+\] (\w+)\.html", content.text, re.MULTILINE)

            assert await names("search", query="words about physics") == ["physics", "owls"]
            assert await names("search", query="words about physics", newest=True) == ["owls", "physics"]
            assert await names("list_files", newest=True) == ["owls", "physics", "broken"]

    asyncio.run(talk())


def test_what_ray_data_counted_is_a_table(kb: Library) -> None:
    path = kb._wired.settings.stats_of(7)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"operator": "ReadRefs", "tasks": 2, "rows": 30}\n{"operator": "Write", "tasks": 4, "cpu_s": 0.5}\n')
    table = kb.ray_stats(7)
    assert table.column("operator").to_pylist() == ["ReadRefs", "Write"]
    assert table.column("cpu_s").to_pylist() == [None, 0.5]
    assert kb.ray_stats(8).num_rows == 0, "a run of another machine"
    assert kb.ray_stats(8).schema == table.schema


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b", "/a\0/b.pdf"])
def test_names_that_no_file_can_have_are_told_as_such(kb: Library, name: str) -> None:
    with pytest.raises(ConfigError, match="No file is known as"):
        kb.document(name)
    assert kb.called(name, 3) == []
    assert kb.search("physics", language=name) == []
    assert [hit.name for hit in kb.search(f"physics {name}")] == ["physics.html"]
    assert kb.unknown(name) == kb.unknown(name.replace("\0", "\ufffd").replace("\ud800", "\ufffd"))
    assert kb.rows(only=name) == kb.rows(named="no such", author=name) == []


def test_numbers_that_no_file_can_have(kb: Library) -> None:
    assert not kb.rows(file_ids=[2**70, -1])
    assert not kb.search("physics", file_ids=[2**63])
    assert kb.count(file_ids=[1, 2**70]) == 1
    with pytest.raises(ConfigError, match="limit: -1"):
        kb.rows(limit=-1)
