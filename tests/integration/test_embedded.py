"""The server that kbray brings along: there when needed, gone with its last user, whatever happened to those before."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kbray.catalogue import embedded
from kbray.config import Settings
from kbray.errors import ConfigError, DatabaseUnavailable
from kbray.wiring import connect

pytestmark = pytest.mark.integration

USER = """
import sys
from pathlib import Path
from kbray.catalogue import embedded
print(embedded.start(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


class User:
    """A process of its own that uses the server until it is told to leave."""

    def __init__(self, home: Path, *within: str) -> None:
        self._process = subprocess.Popen(
            [*within, sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def url(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def leave(self) -> None:
        self._process.communicate()
        assert self._process.returncode == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kbray-test-") as folder:
        yield Path(folder) / "home"
        embedded.stop(Path(folder) / "home", force=True)


def server(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def answer(url: str) -> object:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT current_database()").fetchone()


def reached(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_it_starts_when_first_asked_and_is_found_again(home: Path) -> None:
    assert not embedded.running(home)
    assert not embedded.stop(home)

    url = embedded.start(home)
    first = server(home)

    assert answer(url) == ("kbray",)
    assert embedded.start(home) == url
    assert server(home) == first
    assert embedded.stop(home)
    assert not embedded.running(home)
    assert embedded.start(home) == url
    assert answer(url) == ("kbray",)


def test_its_last_user_stops_it(home: Path) -> None:
    one, two = User(home), User(home)  # both at once: one starts it, the other finds it
    assert one.url() == two.url() == embedded.start(home)
    pid = server(home)

    one.leave()
    assert not embedded.stop(home)  # this process leaves, the other still needs it
    assert embedded.running(home)
    assert server(home) == pid
    two.leave()

    assert not embedded.running(home)


def test_a_command_whose_output_nobody_reads_stops_it(home: Path) -> None:
    """`kbray doctor | head` ends by a signal, and left the server running until the next command."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [sys.executable, "-m", "kbray", "files", "--json"],
        stdout=writer,
        stderr=subprocess.PIPE,
        env=os.environ | {"KBRAY_HOME": str(home)},
        check=False,
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, b"")
    assert (home / "postgres").is_dir()
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_user_that_was_killed_leaves_it_running_for_the_next_who_stops_it(home: Path) -> None:
    killed = User(home)
    url = killed.url()
    pid = server(home)
    killed.kill()
    assert embedded.running(home)

    heir = User(home)

    assert heir.url() == url
    assert server(home) == pid
    heir.leave()
    assert not embedded.running(home)


def test_a_server_that_was_killed_starts_again(home: Path) -> None:
    url = embedded.start(home)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    killed = server(home)
    os.kill(killed, signal.SIGKILL)

    assert embedded.start(home) == url

    assert server(home) != killed
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_whoever_misses_it_starts_it_again(home: Path, how: signal.Signals) -> None:
    with connect(Settings(home=home, patience_s=0.2)) as wired:
        before = wired.catalogue().revision()
        wired.catalogue().close()  # its next call comes anew
        os.kill(server(home), how)
        while reached(wired.settings.database_url or ""):
            time.sleep(0.05)

        assert wired.catalogue().revision() == before


def test_a_server_whose_socket_was_deleted_starts_again(home: Path) -> None:
    """As when /tmp is cleared while somebody uses it; each command waited a minute, and then gave up."""
    far = home / ("long" * 40)
    user = User(far)
    url = user.url()
    shutil.rmtree(embedded._socket_folder(far.resolve() / "postgres"))

    began = time.perf_counter()
    assert answer(embedded.start(far)) == ("kbray",)
    assert time.perf_counter() - began < 30
    assert answer(url) == ("kbray",)
    user.leave()
    embedded.stop(far, force=True)


def test_a_server_that_was_told_to_stop_starts_again(home: Path) -> None:
    """It takes nobody any more, and waits for those it has, who wait for it."""
    url = embedded.start(home)
    stays = psycopg.connect(url)
    stopping = server(home)
    os.kill(stopping, signal.SIGTERM)
    while reached(url):
        time.sleep(0.05)

    assert answer(embedded.start(home)) == ("kbray",)

    assert server(home) != stopping
    stays.close()


CONTAINER = ("unshare", "--pid", "--ipc", "--fork", "--kill-child", "--mount-proc")
"""What a container has of its own, as far as servers tell each other by it."""


@pytest.mark.skipif(os.geteuid() != 0, reason="a container is made, which only root may")
def test_a_server_of_another_container_is_used_and_never_doubled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither process ids nor shared memory tell of it: a second server began to recover the data under the first one."""
    here = User(home)
    url, pid = here.url(), server(home)
    there = User(home, *CONTAINER)
    assert there.url() == url
    here.leave()
    assert answer(url), "it has a user"
    there.leave()
    assert server(home) == pid, "nobody else began"
    assert embedded.stop(home, force=True)

    there = User(home, *CONTAINER)
    assert there.url() == url
    here = User(home)
    assert here.url() == url
    here.leave()

    (home / "postgres" / ".s.PGSQL.5432").unlink()  # as on another machine, where a socket is of no use
    monkeypatch.setattr(embedded, "_ELSEWHERE_TIMEOUT_S", 0.2)
    monkeypatch.setattr(embedded, "_processes", lambda _: [])
    with pytest.raises(ConfigError, match=r"at work in another container or on another machine.*database URL"):
        embedded.start(home)
    monkeypatch.undo()

    there.kill()  # and its container with it
    assert answer(embedded.start(home))


def test_a_pid_file_that_names_a_stranger_is_no_server(home: Path) -> None:
    embedded.start(home)
    embedded.stop(home, force=True)
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}/postgres\n1\n5432\n\n\n\nready\n")

    assert not embedded.running(home)
    assert answer(embedded.start(home)) == ("kbray",)


def test_a_start_that_was_cut_short_is_begun_again(home: Path) -> None:
    half = home / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")

    assert answer(embedded.start(home)) == ("kbray",)


@pytest.mark.parametrize("name", ["with space and 'quote\" ,$HOME", "ü本", "long" * 40, "100%"])
def test_any_folder_will_do(home: Path, name: str) -> None:
    folder = home / name

    url = embedded.start(folder)

    assert answer(url) == ("kbray",)
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW listen_addresses").fetchone()
        assert row == ("",)
        sockets = connection.execute("SELECT setting FROM pg_settings WHERE name = 'unix_socket_directories'").fetchone()
    assert sockets is not None
    folder_of_socket = Path(str(sockets[0]).strip('"').replace('""', '"'))
    mode = folder_of_socket.stat().st_mode
    assert stat.S_ISDIR(mode)
    assert mode & 0o077 == 0  # nobody else can enter
    assert embedded.stop(folder, force=True)
    assert folder_of_socket == folder.resolve() / "postgres" or not folder_of_socket.exists()


def test_the_socket_folder_of_somebody_else_is_refused(home: Path) -> None:
    far = home / ("long" * 40)
    short = embedded._socket_folder(far.resolve() / "postgres")
    short.mkdir(mode=0o777)
    short.chmod(0o777)
    try:
        with pytest.raises(ConfigError, match="is not a private folder of this user"):
            embedded.start(far)
    finally:
        short.rmdir()


def test_data_of_another_version_is_not_touched(home: Path) -> None:
    data = home / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")

    with pytest.raises(ConfigError, match="was made by PostgreSQL 16, this kbray brings 18"):
        embedded.start(home)

    assert [path.name for path in data.iterdir()] == ["PG_VERSION"]


def test_a_home_that_can_not_be_made_is_said_so(home: Path) -> None:
    home.mkdir()
    (home / "file").touch()

    with pytest.raises(ConfigError, match="can't hold the embedded PostgreSQL: Not a directory"):
        embedded.start(home / "file" / "home")


def test_the_start_is_fast(home: Path) -> None:
    embedded.start(home)

    started = time.perf_counter()
    for _ in range(5):
        embedded.start(home)

    assert (time.perf_counter() - started) / 5 < 0.5  # measured 0.01


def test_the_other_programs_are_there() -> None:
    assert {"psql", "pg_dump", "pg_restore"} <= {path.name for path in embedded.programs().iterdir()}


def test_a_home_that_refuses_us_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "postgres.lock").mkdir()  # stands for a folder of somebody else, which root may write to
    with pytest.raises(ConfigError, match=r"can't hold the embedded PostgreSQL: Is a directory\. Name a folder"):
        embedded.start(tmp_path)


def test_a_user_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As in a container that is run as a number; initdb's own words are of no help."""
    monkeypatch.setattr("os.geteuid", lambda: 2**31 - 12)
    with pytest.raises(ConfigError, match="PostgreSQL runs for users with a name only, and user 2147483636 has none"):
        embedded.start(tmp_path / "home")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can take what is another's")
def test_root_does_not_take_the_data_of_another_user(home: Path) -> None:
    """`sudo kbray status` made it the server's, and its owner could not use it any more."""
    data = home / "postgres"
    data.mkdir(parents=True)
    os.chown(data, 65534, 65534)
    with pytest.raises(ConfigError, match=r"postgres belongs to user \w+: run kbray as that user, not as root\."):
        embedded.start(home)
    assert data.stat().st_uid == 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk is mounted, which only root may")
def test_a_disk_with_no_room_for_a_new_one_is_told(home: Path) -> None:
    home.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=10m", "none", home], check=True)
    try:
        with pytest.raises(DatabaseUnavailable, match=r"can't start: the disk of .* is full\. Make room on it: a new one takes"):
            embedded.start(home)
        embedded.stop(home)  # which lets go of the files on the disk
    finally:
        subprocess.run(["umount", "--lazy", home], check=True)
