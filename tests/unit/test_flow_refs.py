"""How references are cut into tasks."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from kbray.flow.refs import tasks_of
from kbray.model import FileId, PartRef, Window


def ref(number: int, pages: int = 1, *, scanned: bool = False, media_type: str = "application/pdf") -> PartRef:
    return PartRef(FileId(number), 0, "0" * 64, media_type, 1, Window(1, pages), 1, scanned)


@given(st.lists(st.tuples(st.integers(1, 16), st.booleans())), st.integers(1, 8))
def test_every_reference_is_in_one_task_and_in_order(parts: list[tuple[int, bool]], per_task: int) -> None:
    refs = [ref(number, pages, scanned=scanned) for number, (pages, scanned) in enumerate(parts)]
    tasks = tasks_of(refs, per_task)
    assert list(chain.from_iterable(tasks)) == refs
    assert all(1 <= len(task) <= per_task for task in tasks)


def test_what_is_to_be_recognised_travels_alone() -> None:
    tasks = tasks_of([ref(1), ref(2, 16, scanned=True), ref(3), ref(4, media_type="image/png")], 8)
    assert [[one.file_id for one in task] for task in tasks] == [[1], [2], [3, 4]]


def test_small_files_travel_together() -> None:
    assert [len(task) for task in tasks_of([ref(number) for number in range(20)], 8)] == [8, 8, 4]
