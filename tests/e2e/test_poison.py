"""A pile of files made to break whoever reads them: each ends as it must, its neighbours are untouched, nothing is left."""

import os
import threading
import time
import zipfile
from pathlib import Path

import psutil

from tests.e2e.kbray_process import PATIENCE_S, Kbray
from tests.writers.epub import book
from tests.writers.pdf import Page, write_pdf

MB = 1_000_000
BILLION_LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
    + ']><html xmlns="http://www.w3.org/1999/xhtml"><body><p>&m;</p></body></html>'
)


def make(folder: Path) -> None:
    """The hostile files, each with a neighbour of the same kind."""
    folder.mkdir()
    for number in range(6):
        (folder / f"neighbour-{number}.txt").write_text(f"Neighbour {number} says that all is well.")
    book(folder / "neighbour.epub", {"c.xhtml": "<p>A book among bombs.</p>"})
    write_pdf(folder / "neighbour.pdf", [Page().paragraph(72, 100, [f"Page {n} is fine."]) for n in range(1, 4)])

    with_member(book(folder / "zip-bomb.epub", {"c.xhtml": ""}), "c.xhtml", b"<p>" + b" " * 100 * MB)
    with_member(book(folder / "xml-bomb.epub", {"c.xhtml": ""}), "c.xhtml", BILLION_LAUGHS.encode())
    (folder / "deep.html").write_text("<div>" * 100_000 + "at the bottom" + "</div>" * 100_000)
    (folder / "paragraph.html").write_text("<p>" + "one hundred million bytes " * (100 * MB // 26) + "</p>")
    glyphs = Page()
    for row in range(1000):
        glyphs.at(10, 10 + row * 0.7, "x" * 1000, size=0.5)
    write_pdf(folder / "a-million-glyphs.pdf", [glyphs])
    claim = write_pdf(folder / "claims-100000-pages.pdf", [Page().paragraph(72, 100, ["There is one page."])])
    claim.write_bytes(claim.read_bytes().replace(b"/Count 1 ", b"/Count 100000 "))
    loop = folder / "loop"
    loop.mkdir()
    (loop / "again").symlink_to(loop)
    (loop / "up").symlink_to(folder)
    (loop / "to-itself").symlink_to(loop / "to-itself")


def with_member(path: Path, end: str, data: bytes) -> None:
    """The archive with other bytes in the member whose name ends so."""
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, before in members.items():
            archive.writestr(name, data if name.endswith(end) else before)


def test_each_ends_with_its_code_and_nothing_is_left(kbray: Kbray, tmp_path: Path) -> None:
    pile = tmp_path / "pile"
    make(pile)
    changing, enough = pile / "changes.txt", threading.Event()

    changing.write_text(f"It is {time.time_ns()} now.\n" * 1000)

    def write() -> None:  # over what is there: a file that is emptied first may be read in that moment
        with changing.open("r+") as file:
            while not enough.is_set():
                file.seek(0)
                file.write(f"It is {time.time_ns()} now.\n" * 1000)
                file.flush()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        kbray.start("sync", pile).communicate(timeout=PATIENCE_S)
    finally:
        enough.set()
        thread.join()
    kbray.settings["TMPDIR"] = str(tmp_path / "temporary")
    (tmp_path / "temporary").mkdir()
    process = kbray.start("process", "--json")
    out, err = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 1, out + err
    rows = {row["name"]: row for row in kbray.json("files")["files"]}
    fates = {name: row["error"]["code"] if row["error"] else row["status"] for name, row in rows.items()}
    changed = fates.pop("changes.txt", "processed")  # a problem of its place, unless the writer was too slow
    assert changed == "processed"
    assert {name: fate for name, fate in fates.items() if not name.startswith("neighbour")} == {
        "zip-bomb.epub": "document_too_large",
        "xml-bomb.epub": "processed",  # the entity stands as it is, and a warning says so
        "deep.html": "processed",
        "paragraph.html": "processed",
        "a-million-glyphs.pdf": "processed",
        "claims-100000-pages.pdf": "processed",
    }
    assert {fate for name, fate in fates.items() if name.startswith("neighbour")} == {"processed"}
    assert rows["zip-bomb.epub"]["error"]["stage"] == "parse"
    assert "&m;" in kbray.run("export", "xml-bomb.epub", "--format", "markdown")

    assert left_processes(kbray.home) == []
    assert list((tmp_path / "temporary").iterdir()) == []
    assert list((kbray.home / "spill").iterdir()) == []
    assert list((kbray.home / "inflight").iterdir()) == []
    assert [path for path in Path("/dev/shm").glob("*") if "plasma" in path.name] == []


def left_processes(home: Path) -> list[str]:
    """What still runs of the kbray of this home, its database apart, after a moment to end."""
    ends = time.monotonic() + 10
    while left := [process for process in psutil.process_iter() if _belongs(process, home)]:
        if time.monotonic() > ends:
            return [" ".join(process.cmdline()) for process in left]
        time.sleep(0.2)
    return []


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        environment = process.environ()
        return (
            process.pid != os.getpid()
            and process.status() != psutil.STATUS_ZOMBIE
            and environment.get("KBRAY_HOME") == str(home)
            and not process.name().startswith("postgres")
        )
    except (psutil.Error, OSError):
        return False
