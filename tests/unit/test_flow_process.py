from kbray.catalogue import Plan, Selection
from kbray.flow.process import PAGES_TOGETHER, PARTS_PER_TASK, parts_together


def test_a_gpu_gets_parts_by_their_pages() -> None:
    def together(parts: int, pages: int) -> int:
        return parts_together(Plan(Selection(), None, 1, parts, pages))

    assert together(60, 60 * 16) == PAGES_TOGETHER // 16, "scanned books"
    assert together(500, 500) == PARTS_PER_TASK, "pictures of a page each"
    assert together(3, 192) == 1, "parts larger than that"
    assert together(0, 0) == 1
