"""The walk meets every file once, ends in every tree, and says aloud what it can't read."""

import os
import socket
from pathlib import Path

import pytest

from kbray.errors import ConfigError
from kbray.ops.sync.walk import Identity, Place, Skipped, Trouble, roots_of, walk


def places(root: Path, visited: set[Identity] | None = None) -> list[str]:
    """Paths below `root` in the order of the walk."""
    events = walk(str(root), visited if visited is not None else set())
    return [os.path.relpath(event.seen.uri, root) for event in events if isinstance(event, Place)]


def troubles(root: Path) -> dict[str, str]:
    return {os.path.relpath(e.uri, root): e.message for e in walk(str(root), set()) if isinstance(e, Trouble)}


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_files_of_a_folder_come_in_order_before_those_of_its_folders(tmp_path: Path) -> None:
    for name in ("b/2", "b/1", "a/z/deep", "c", "a/y", "B"):
        write(tmp_path / name)
    assert places(tmp_path) == ["B", "c", "a/y", "a/z/deep", "b/1", "b/2"]


def test_a_place_tells_size_time_and_name(tmp_path: Path) -> None:
    file = write(tmp_path / "der Prozeß.txt", "12345")
    os.utime(file, ns=(1, 1_600_000_000_123_456_789))
    (place,) = walk(str(tmp_path), set())
    assert isinstance(place, Place)
    assert (place.name, place.seen.size_bytes, place.seen.mtime_ns) == ("der Prozeß.txt", 5, 1_600_000_000_123_456_789)
    assert place.seen.uri == str(file) == place.path


def test_a_root_may_be_a_file_even_a_hidden_one(tmp_path: Path) -> None:
    file = write(tmp_path / ".hidden.txt")
    assert [e.seen.uri for e in walk(str(file), set()) if isinstance(e, Place)] == [str(file)]


def test_names_that_differ_in_normalisation_only_are_two_places(tmp_path: Path) -> None:
    composed, decomposed = "caf\u00e9.txt", "cafe\u0301.txt"
    write(tmp_path / composed)
    write(tmp_path / decomposed)
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system normalises names")
    assert sorted(places(tmp_path)) == sorted([composed, decomposed])


def test_names_that_are_no_utf8_are_kept(tmp_path: Path) -> None:
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")).write_text("x")
    except OSError:
        pytest.skip("this file system refuses such names")
    assert places(tmp_path) == ["caf\udce9"]


def test_loops_of_links_end_and_nothing_is_met_twice(tmp_path: Path) -> None:
    write(tmp_path / "a/book")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/self").symlink_to("self")
    (tmp_path / "0link").symlink_to(tmp_path / "a")  # sorts before the real folder, which must win
    assert places(tmp_path) == ["a/book"]
    assert list(troubles(tmp_path)) == ["a/self"]


def test_links_out_of_the_tree_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path / "outside/deep/book")
    root = tmp_path / "root"
    write(root / "own")
    (root / "one").symlink_to(tmp_path / "outside")
    (root / "two").symlink_to(tmp_path / "outside")
    (tmp_path / "outside/back").symlink_to(root)
    assert places(root) == ["own", "one/deep/book"]


def test_links_to_files_are_files(tmp_path: Path) -> None:
    write(tmp_path / "a")
    (tmp_path / "b").symlink_to("a")
    assert places(tmp_path) == ["a", "b"]


def test_hidden_files_and_what_systems_leave_is_skipped_and_told(tmp_path: Path) -> None:
    junk = (".DS_Store", ".git/config", "Thumbs.db", "~$letter.docx", "__MACOSX/x", "desktop.ini", "a.pdf.inspect.html")
    for name in (*junk, "kept.txt"):
        write(tmp_path / name)
    events = list(walk(str(tmp_path), set()))
    assert {os.path.relpath(e.uri, tmp_path) for e in events if isinstance(e, Skipped)} == {
        ".DS_Store",
        ".git",
        "Thumbs.db",
        "a.pdf.inspect.html",
        "~$letter.docx",
        "__MACOSX",
        "desktop.ini",
    }
    assert [e.name for e in events if isinstance(e, Place)] == ["kept.txt"]


def test_what_is_no_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to("nowhere")
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("sock")
        found = troubles(tmp_path)
    assert found == {
        "pipe": "It is a named pipe, not a file.",
        "sock": "It is a socket, not a file.",
        "dangling": "The link leads to a file that does not exist.",
    }


def test_an_unreadable_folder_is_told_and_the_rest_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a/secret")
    write(tmp_path / "b/open")
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    events = list(walk(str(tmp_path), set()))
    assert [e for e in events if isinstance(e, Trouble)] == [
        Trouble(str(tmp_path / "a"), "The folder can't be read: Permission denied.", folder=True)
    ]
    assert [e.name for e in events if isinstance(e, Place)] == ["open"]


def test_what_vanishes_during_the_walk_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "gone/file")
    write(tmp_path / "a")
    write(tmp_path / "b")
    seen = []
    for event in walk(str(tmp_path), set()):
        seen.append(event)
        if isinstance(event, Place) and event.name == "a":
            (tmp_path / "b").unlink()
            (tmp_path / "gone/file").unlink()
            (tmp_path / "gone").rmdir()
    assert [e.name for e in seen if isinstance(e, Place)] == ["a"]
    assert not [e for e in seen if isinstance(e, Trouble)]


def test_folders_to_leave_out_are_not_entered(tmp_path: Path) -> None:
    write(tmp_path / "kbray/objects/raw/x")
    write(tmp_path / "book")
    home = (tmp_path / "kbray").stat()
    events = walk(str(tmp_path), set(), frozenset({(home.st_dev, home.st_ino)}))
    assert [e.name for e in events if isinstance(e, Place)] == ["book"]


def test_a_root_inside_another_root_is_walked_once(tmp_path: Path) -> None:
    write(tmp_path / "in/book")
    visited: set[Identity] = set()
    assert places(tmp_path, visited) == ["in/book"]
    assert places(tmp_path / "in", visited) == []


def test_memory_is_for_folders_not_for_files(tmp_path: Path) -> None:
    """The walk is lazy: its first event comes before the second folder is read."""
    write(tmp_path / "a")
    write(tmp_path / "late/b")
    events = walk(str(tmp_path), set())
    first = next(events)
    assert isinstance(first, Place)
    write(tmp_path / "late/c")
    assert [e.name for e in events if isinstance(e, Place)] == ["b", "c"]


def test_roots_are_absolute_and_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    assert [root.uri for root in roots_of(["real", "link", "./real/../real", "s3://bucket/books"])] == [
        str(tmp_path.resolve() / "real"),
        "s3://bucket/books",
    ]


@pytest.mark.parametrize("text", ["", "nowhere", "loop"])
def test_roots_that_make_no_sense_are_configuration_errors(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loop").symlink_to("loop")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        roots_of([text])
    assert text in caught.value.message
