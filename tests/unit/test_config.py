"""Where a setting comes from, and what its value means."""

import errno
from pathlib import Path

import pytest

from kbray import config, objects
from kbray.errors import ConfigError


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "me").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("KBRAY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def test_an_empty_variable_is_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    unset = config.load()
    for name in ("DATABASE_URL", "OBJECTS_URL", "WORKERS", "VECTORS", "MCP_TOKEN"):
        monkeypatch.setenv(f"KBRAY_{name}", "")
    assert config.load() == unset
    assert set(config.sources({})) == {"home"}
    monkeypatch.setenv("KBRAY_HOME", "")
    assert config.load().home == Path.home() / ".local/share/kbray"


def test_an_empty_variable_does_not_hide_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("kbray.toml").write_text("workers = 3\n")
    monkeypatch.setenv("KBRAY_WORKERS", "")
    assert config.load().workers == 3
    assert config.sources({})["workers"] == "kbray.toml"


def test_an_unknown_variable_is_told_even_if_it_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KBRAY_WORKRES", "")
    with pytest.raises(ConfigError, match="KBRAY_WORKERS"):
        config.load()


@pytest.mark.parametrize("name", ["home", "objects_url"])
def test_an_empty_flag_or_line_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError, match=f"'{name}' from a flag is empty"):
        config.load(**{name: ""})
    Path("kbray.toml").write_text(f'{name} = ""\n')
    with pytest.raises(ConfigError, match=f"'{name}' from kbray.toml is empty"):
        config.load()


def test_a_home_of_bytes_that_are_no_text_is_told() -> None:
    with pytest.raises(ConfigError, match=r"^Setting 'home' from a flag is wrong: its name is no text in UTF-8"):
        config.load(home="/tmp/caf\udce9")


def test_a_home_is_a_whole_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KBRAY_HOME", "~/kb")
    assert config.load().home == tmp_path / "me" / "kb"
    monkeypatch.delenv("KBRAY_HOME")
    Path("kbray.toml").write_text('home = "~/kb"\n')
    assert config.load().home == tmp_path / "me" / "kb"
    assert config.load(home="kb").home == tmp_path / "kb"


def test_the_kbray_toml_of_a_home_with_a_tilde_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "me" / "kb").mkdir()
    (tmp_path / "me" / "kb" / "kbray.toml").write_text("workers = 5\n")
    monkeypatch.setenv("KBRAY_HOME", "~/kb")
    assert config.load().workers == 5


@pytest.mark.parametrize("written", ["~/store of mine", "me/store of mine", "file://{}/me/store%20of%20mine"])
def test_a_folder_of_objects_is_a_whole_path(tmp_path: Path, written: str) -> None:
    settings = config.load(objects_url=written.format(tmp_path))
    assert settings.objects == str(tmp_path / "me" / "store of mine") == objects.connect(settings).url


def test_a_file_that_can_not_be_read_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kbray.toml").write_text("workers = 2")

    def refuse(self: Path, encoding: str) -> str:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(ConfigError, match=r"^kbray\.toml can't be read: Permission denied\.$"):
        config.load()


def test_a_user_without_a_home_is_told_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def without(*_: object, **__: object) -> str:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("KBRAY_HOME", raising=False)
    monkeypatch.setattr("platformdirs.user_data_dir", without)
    with pytest.raises(ConfigError, match="This user has no home folder: name a folder for kbray with --home or KBRAY_HOME"):
        config.load()
    assert config.load(home=Path("/somewhere")).home == Path("/somewhere")
