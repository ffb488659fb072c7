"""The migrations and the tables are the same, however often and by however many they are run."""

import threading
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, make_url

from kbray.catalogue import Catalogue, migrations
from kbray.catalogue.tables import metadata
from kbray.errors import ConfigError
from tests.integration.pile import sql
from tests.integration.rewind import rewind

pytestmark = pytest.mark.integration

_DEFINITIONS = """
    SELECT 'column', table_name, column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '-')
           || ' ' || coalesce(collation_name, '-') || ' ' || is_identity
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT 'options', relname, array_to_string(reloptions, ',') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND reloptions IS NOT NULL
"""


def _definitions(url: str) -> set[tuple[str, ...]]:
    with psycopg.connect(url) as connection:
        return {row for row in connection.execute(_DEFINITIONS) if row[1] != "alembic_version"}


def test_migrations_lead_to_the_tables(database_url: str, empty_database_url: str) -> None:
    engine = create_engine(make_url(empty_database_url).set(drivername="postgresql+psycopg"))
    metadata.create_all(engine)
    engine.dispose()

    made = _definitions(empty_database_url)

    assert len(made) > 80
    assert _definitions(database_url) == made


def test_autogenerate_finds_nothing_to_do(database_url: str) -> None:
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()

    assert differences == []


def test_the_newest_revision_is_the_head_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_upgrade_of_an_empty_database_by_several_at_once(empty_database_url: str) -> None:
    with Catalogue(empty_database_url) as catalogue:
        assert catalogue.revision() == (None, migrations.HEAD)

    def upgrade() -> None:
        with Catalogue(empty_database_url) as catalogue:
            catalogue.upgrade()

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with Catalogue(empty_database_url) as catalogue:
        catalogue.upgrade()
        assert catalogue.revision() == (migrations.HEAD, migrations.HEAD)
        assert catalogue.status().total == 0
    assert sql(empty_database_url, "SELECT extname FROM pg_extension WHERE extname = 'vector'") == [("vector",)]


def test_a_database_of_a_newer_kbray_is_refused_in_one_sentence(database_url: str) -> None:
    sql(database_url, "UPDATE alembic_version SET version_num = '9999'")

    with Catalogue(database_url) as catalogue, pytest.raises(ConfigError) as caught:
        catalogue.upgrade()

    assert str(caught.value) == (
        "The database has schema 9999, which this kbray does not know: upgrade kbray to the version that made it."
    )


def test_nothing_is_left_behind_by_an_upgrade_that_fails(empty_database_url: str) -> None:
    sql(empty_database_url, "CREATE TABLE failures (mine int)")  # stands in the way of the last table

    with Catalogue(empty_database_url) as catalogue:
        with pytest.raises(Exception, match="already exists"):
            catalogue.upgrade()
        assert catalogue.revision() == (None, migrations.HEAD)

    assert sql(empty_database_url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(1,)]


def test_a_home_made_before_there_were_vectors_is_upgraded(database_url: str) -> None:
    """As the first 0002 left it, of which some homes are; they may have gone on to 0006."""
    made = _definitions(database_url)
    rewind(database_url, "0006")
    sql(database_url, "ALTER TABLE indexings DROP model_id")
    sql(database_url, "ALTER TABLE indexings ADD CONSTRAINT indexings_pkey PRIMARY KEY (file_id)")
    sql(database_url, "CREATE INDEX indexings_open ON indexings (file_id) WHERE state IN ('pending', 'claimed')")
    sql(database_url, "DROP TABLE models")

    with Catalogue(database_url) as catalogue:
        catalogue.upgrade()
        assert catalogue.revision() == (migrations.HEAD, migrations.HEAD)

    assert _definitions(database_url) == made


def test_languages_of_an_older_index_become_tags(database_url: str) -> None:
    """As 0005 left it, with what documents told."""
    told = {"en": "en", "eng": "en", "DE_at": "de-AT", "language " * 400: None, None: None}
    sql(database_url, "ALTER TABLE chunks DROP CONSTRAINT chunks_pkey")
    sql(database_url, "ALTER TABLE chunks ADD CONSTRAINT chunks_pkey PRIMARY KEY (file_id, ordinal)")
    rewind(database_url, "0005")
    sql(
        database_url,
        "INSERT INTO files (id, sha256, uri, media_type, size_bytes, parts) OVERRIDING SYSTEM VALUE "
        "VALUES (1, repeat('0', 64), '/a', 'text/plain', 1, 1)",
    )
    for ordinal, language in enumerate(told):
        sql(
            database_url,
            "INSERT INTO chunks (file_id, ordinal, text, heading_path, tokens, first_element, last_element, repeated, language, "
            f"config, lexemes, length) VALUES (1, {ordinal}, 'x', '{{}}', 1, 0, 0, 0, "
            f"{'NULL' if language is None else repr(language)}, 'simple', '', 0)",
        )

    with Catalogue(database_url) as catalogue:
        catalogue.upgrade()

    assert [language for (language,) in sql(database_url, "SELECT language FROM chunks ORDER BY ordinal")] == list(told.values())


def test_columns_that_nothing_reads_go_and_the_rest_of_their_rows_stays(database_url: str) -> None:
    """As 0011 left it, with a model and what was adopted."""
    rewind(database_url, "0011")
    sql(database_url, "INSERT INTO models (name, identity, dimension, languages, active) VALUES ('m', 'i', 4, '{en,de}', true)")
    sql(database_url, "INSERT INTO adopted (uri, source, status, error) VALUES ('/a', 'old', 'failed', 'why')")
    before = _definitions(database_url)

    with Catalogue(database_url) as catalogue:
        catalogue.upgrade()
        (model,) = catalogue.models()

    assert (model.name, model.identity, model.dimension, model.active) == ("m", "i", 4, True)
    assert sql(database_url, "SELECT * FROM adopted") == [("/a", "old", "failed", "why")]
    gone = before - _definitions(database_url)
    assert {(kind, table, what.split()[0]) for kind, table, what in gone if kind == "column"} == {
        ("column", "models", "languages"),
        ("column", "adopted", "adopted_at"),
    }
