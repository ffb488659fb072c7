"""What runs have done, counted as it is committed; a slot for each connection, so that no commit waits for another's counter."""

_COLUMNS = ("files_done", "files_failed", "parts_done", "parts_failed", "pages_done", "pages_failed")


def adding(source: str, **counts: str) -> str:
    """The statement that adds to the tallies of the run `:run`, once for each row of `source`.

    Args: counts: column → the SQL of what is added to it; the other columns stay as they are.
    """
    values = ", ".join(f"CAST({counts.get(column, '0')} AS bigint)" for column in _COLUMNS)
    sums = ", ".join(f"{column} = t.{column} + excluded.{column}" for column in _COLUMNS)
    return f"""
        INSERT INTO tallies AS t (run_id, slot, {", ".join(_COLUMNS)})
        SELECT :run, pg_backend_pid() % 64, {values} FROM {source}
        ON CONFLICT (run_id, slot) DO UPDATE SET {sums}
    """
