"""A Selection as an SQL condition over `files f`."""

from collections.abc import Mapping

from kbray.catalogue import names, storable
from kbray.catalogue.selection import Byline, IndexPlan, Plan, Selection, only

TO_PROCESS = "f.status IN ('synced', 'processing')"
TO_INDEX = "f.status IN ('processed', 'indexing')"
TO_EMBED = "f.status = 'indexed'"
Values = Mapping[str, object]


def where(selection: Selection) -> tuple[str, dict[str, object]]:
    """Which files `only`, `file_ids` and `by` choose, whatever their status."""
    conditions, values = ["true"], dict[str, object]()
    if selection.file_ids is not None:
        conditions.append("f.id = ANY(CAST(:file_ids AS bigint[]))")
        values["file_ids"] = list(selection.file_ids)
    if selection.only is not None:
        meaning = only(selection.only)
        if meaning.media_type is not None:
            conditions.append("f.media_type ~ :media_type")
            values["media_type"] = meaning.media_type
        else:
            # COLLATE "default": capitals beyond ASCII are capitals too.
            conditions.append("""
                EXISTS (SELECT 1 FROM locations p
                        WHERE p.file_id = f.id AND p.uri COLLATE "default" ~* ANY(CAST(:places AS text[])))
            """)
            # A pattern may be about a place as it is, or as it is shown.
            patterns = {storable.uri(selection.only), storable.text(selection.only)}
            values["places"] = sorted(only(pattern).place or "" for pattern in patterns)
    if selection.by is not None:
        more, of = _by(selection.by)
        conditions += more
        values |= of
    return " AND ".join(conditions), values


def _by(by: Byline) -> tuple[list[str], dict[str, object]]:
    """Dates are compared as text: a year is before its months, these before their days, and `~` is behind them all."""
    conditions, values = list[str](), dict[str, object]()
    if by.author is not None:
        conditions.append("f.names @@ CAST(:author AS tsquery)")
        values["author"] = names.query(by.author)
    if by.since is not None:
        conditions.append("(f.dated >= :since OR f.dated = ANY(CAST(:around_since AS text[])))")
        values |= {"since": by.since, "around_since": [by.since[:length] for length in (4, 7) if length < len(by.since)]}
    if by.until is not None:
        conditions.append("f.dated <= :until")
        values["until"] = f"{by.until}~"
    return conditions, values


def within(plan: Plan | IndexPlan) -> tuple[str, dict[str, object]]:
    """The unfinished files of the plan."""
    condition, values = where(plan.selection)
    condition = f"{_unfinished(plan)} AND {condition}"
    if plan.bound is not None:
        condition += " AND f.id <= :bound"
        values["bound"] = plan.bound
    return condition, values


def _unfinished(plan: Plan | IndexPlan) -> str:
    if isinstance(plan, Plan):
        return TO_PROCESS
    return TO_EMBED if plan.model else TO_INDEX
