"""Real files with pieces changed, cut out, repeated and swapped: parsers end with a document or with a sentence about it."""

import os
import random
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kbray.config import MiB, Settings
from kbray.errors import DocumentError, ParserCrashed, ParseTimeout
from kbray.model import Window
from kbray.parse import windows
from kbray.parse.sandbox.parent import Sandbox

SAMPLES = Path(__file__).parents[2] / "samples"
SECONDS = 60.0
SEED = int(os.environ.get("FUZZ_SEED", "2843"))
"""The same files in each CI run; another seed looks further: FUZZ_SEED=$RANDOM make test."""
MAGIC = (b"\x00", b"\xff", b"\x7f", b"<", b">", b"&", b"%", b"\n", b"\xff" * 4, b"\x00" * 4, b"-1", b"99999999999")


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with Sandbox(Settings(parse_timeout_s=20, parse_memory_bytes=1024 * MiB)) as sandbox:
        yield sandbox


def mutated(chance: random.Random, data: bytes) -> bytes:
    """A few changes, each of a kind that breaks files in life: bits, cuts, repetitions, swaps, numbers grown wild."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        if not changed:
            break
        place, length = chance.randrange(len(changed)), chance.randint(1, 1 + len(changed) // 20)
        match chance.randrange(6):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                del changed[place : place + length]
            case 2:
                changed[place:place] = changed[place : place + length]
            case 3:
                changed[place : place + 1] = chance.choice(MAGIC)
            case 4:
                other = chance.randrange(len(changed))
                changed[place : place + length] = changed[other : other + length]
            case 5:
                del changed[place : None if chance.random() < 0.2 else place + 1]
    return bytes(changed)


def mutated_inside(chance: random.Random, path: Path, target: Path) -> None:
    """One member of an archive is mutated, its checksum right: so the damage reaches the parser behind the archive's."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        guilty = chance.choice(source.namelist())
        for name in source.namelist():
            data = source.read(name)
            out.writestr(name, mutated(chance, data) if name == guilty else data)


def test_a_minute_of_broken_files(box: Sandbox) -> None:
    chance = random.Random(SEED)
    samples = sorted(path for path in SAMPLES.iterdir() if not path.name.startswith("."))
    ends, tried, read = time.monotonic() + SECONDS, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < ends:
            sample = chance.choice(samples)
            path = Path(folder) / f"broken{sample.suffix}"
            if zipfile.is_zipfile(sample) and chance.random() < 0.7:
                mutated_inside(chance, sample, path)
            else:
                path.write_bytes(mutated(chance, sample.read_bytes()))
            tried += 1
            try:
                census = box.census(path, path.name)
                for window in windows(census, 16)[:2]:
                    box.parse(path, census.media_type, window)
                read += 1
            except (ParserCrashed, ParseTimeout) as error:
                pytest.fail(f"seed {SEED}, file {tried}, from {sample.name}: {error}")
            except DocumentError as error:
                if not error.message.endswith((".", ")")):
                    pytest.fail(f"seed {SEED}, file {tried}: no sentence: {error.message}")
            except Exception as error:  # noqa: BLE001 - any other is a defect, and the seed must be told
                pytest.fail(f"seed {SEED}, file {tried}, from {sample.name}: {type(error).__name__}: {error}")
            assert box.parse(samples[0], "text/plain", Window()).elements, "a broken file harms the next one"
    assert tried > 20
    assert 0 < read < tried, "some can still be read, some can't"
