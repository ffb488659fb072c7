"""Stopping a run: in order where there is time, at once where there is none; what was in hand is free again."""

import json
import os
import signal
import time
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks import pile
from tests.e2e.kbray_process import PATIENCE_S, Kbray, wait_until
from tests.e2e.processes import below, kill

FILES = 240


def test_ctrl_c_stops_in_order(kbray: Kbray, tmp_path: Path) -> None:
    pile.make(tmp_path / "pile", FILES)
    kbray.run("sync", tmp_path / "pile")
    driver = kbray.start("process")
    wait_until(lambda: kbray.count("processed") > FILES // 10)

    driver.send_signal(signal.SIGINT)
    began = time.monotonic()
    driver.communicate(timeout=20)

    assert time.monotonic() - began < 10
    assert driver.returncode == 130
    status = kbray.json("status")
    assert status["runs"][0]["state"] == "interrupted"
    assert status["files"]["failed"] == 0
    assert status["files"]["processed"] < FILES
    assert status["stuck_parts"] == 0
    kbray.run("process")
    assert kbray.count("processed") == FILES


def test_a_terminal_that_is_closed_stops_in_order(kbray: Kbray, tmp_path: Path) -> None:
    """All processes of its foreground get the signal; Ray's must not end by it, or the parts in hand are lost."""
    pile.make(tmp_path / "pile", FILES)
    kbray.run("sync", tmp_path / "pile")
    ignored = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as it is where the tests run under nohup
    driver = kbray.start("process", session=True)
    signal.signal(signal.SIGHUP, ignored)
    wait_until(lambda: kbray.count("processed") > FILES // 10)

    os.killpg(driver.pid, signal.SIGHUP)
    _, err = driver.communicate(timeout=20)

    assert driver.returncode == 130, err
    status = kbray.json("status")
    assert status["runs"][0]["state"] == "interrupted"
    assert (status["files"]["failed"], status["stuck_parts"]) == (0, 0)
    assert status["files"]["processed"] < FILES


def test_a_part_that_takes_long_is_freed_when_the_user_stops(kbray: Kbray, tmp_path: Path) -> None:
    scan(tmp_path / "pile" / "long.tiff", pages=16)
    kbray.run("sync", tmp_path / "pile")
    driver = kbray.start("process")
    wait_until(lambda: kbray.rows("SELECT state FROM parts") == [("claimed",)])
    time.sleep(5)  # well into recognition

    driver.send_signal(signal.SIGTERM)
    began = time.monotonic()
    driver.communicate(timeout=20)

    assert time.monotonic() - began < 10
    assert driver.returncode == 130
    part = kbray.json("show", "long.tiff")["parts"][0]
    assert (part["state"], part["attempts"]) == ("pending", 0)
    assert kbray.json("status")["runs"][0]["state"] == "interrupted"


def test_a_killed_recognise_actor_costs_nothing_but_time(kbray: Kbray, tmp_path: Path) -> None:
    scan(tmp_path / "pile" / "long.tiff", pages=3)
    kbray.run("sync", tmp_path / "pile")
    driver = kbray.start("process", "--json")
    wait_until(lambda: kbray.rows("SELECT state FROM parts") == [("claimed",)])
    killed = kill(below(driver.pid, ".*MapWorker"))

    out, err = driver.communicate(timeout=PATIENCE_S)

    assert killed
    assert json.loads(out)["state"] == "succeeded", "what Ray says of the dead worker must not stand among the data"
    assert "raylet" not in err
    part = kbray.json("show", "long.tiff")["parts"][0]
    assert (part["state"], part["attempts"]) == ("done", 1)


def test_ctrl_c_before_ray_is_up_ends_at_once(kbray: Kbray, tmp_path: Path) -> None:
    pile.make(tmp_path / "pile", 4)
    kbray.run("sync", tmp_path / "pile")
    driver = kbray.start("process")
    wait_until(lambda: kbray.rows("SELECT 1 FROM runs WHERE command = 'process'") != [])

    driver.send_signal(signal.SIGINT)
    out, err = driver.communicate(timeout=20)

    assert driver.returncode == 130, err
    assert "Traceback" not in out + err
    assert kbray.json("status")["runs"][0]["state"] == "interrupted"


def scan(path: Path, pages: int) -> None:
    """A TIFF of pages full of print, each a few seconds of recognition."""
    path.parent.mkdir(parents=True)
    font = ImageFont.load_default(size=28)
    frames = []
    for number in range(pages):
        frame = Image.new("L", (1240, 1754), "white")
        text = "\n".join(f"Line {line} of page {number}: the quick brown fox jumps over the lazy dog." for line in range(45))
        ImageDraw.Draw(frame).multiline_text((80, 80), text, fill="black", font=font, spacing=8)
        frames.append(frame)
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(150, 150), compression="tiff_lzw")
