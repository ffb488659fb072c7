"""One PDF of many scanned pages: windows of it are parsed and recognised side by side, and never all in memory."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from benchmarks.session import growth, peaks, session

FILES = 1000
"""Pages, here."""
SIZE = (420, 300)


def run(folder: Path, files: int) -> dict[str, object]:
    """A PDF of `files` small pages of four lines each."""
    (folder / "pile").mkdir()
    font = ImageFont.load_default(size=20)
    pages = []
    for number in range(files):
        page = Image.new("L", SIZE, "white")
        text = "\n".join(f"Line {line} of page {number} is here." for line in range(1, 5))
        ImageDraw.Draw(page).multiline_text((30, 60), text, fill="black", font=font, spacing=14)
        pages.append(page)
    made = BytesIO()
    pages[0].save(made, "PDF", save_all=True, append_images=pages[1:], resolution=100)
    (folder / "pile" / "scan.pdf").write_bytes(made.getvalue())
    del pages, made
    with session(folder) as kbray:
        kbray.timed("sync", folder / "pile")
        samples, process_s = kbray.watch("process")
        row = kbray.json("files")["files"][0]
        return {
            "pages": files,
            "status": row["status"],
            "pages_produced": row["units_produced"],
            "process_s": round(process_s, 1),
            "pages_per_s": round(files / process_s, 2),
            **growth(samples, 1),
            **peaks(samples),
        }
