"""`python -m benchmarks NAME [--files N] [--folder DIR]`: run one benchmark, print its figures, keep them as JSON."""

import argparse
import importlib
import inspect
import json
import pkgutil
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psutil

import benchmarks

TOOLS = (
    "__main__",
    "metrics",
    "ordinary",
    "pile",
    "printing",
    "session",
    "similarity",
    "spine_text",
    "timing",
    "unstructured_offline",
    "vision",
)


def main() -> None:
    names = [module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name not in TOOLS]
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=names)
    parser.add_argument("--files", type=int, help="how many; each benchmark has its own number")
    parser.add_argument("--documents", type=Path, help="a folder of real documents, for those that compare on one")
    given = parser.parse_args()
    module = importlib.import_module(f"benchmarks.{given.name}")
    with tempfile.TemporaryDirectory(prefix="kbray-bench-") as folder:
        more = {"documents": given.documents} if "documents" in inspect.signature(module.run).parameters else {}
        figures = module.run(Path(folder), given.files or module.FILES, **more)
    for name, value in figures.items():
        print(f"{name:28} {value}")
    where = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "cores": psutil.cpu_count(), "python": platform.python_version()}
    target = Path("build/benchmarks") / f"{given.name}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(where | figures, indent=2) + "\n")
    print(f"\n{target}")


if __name__ == "__main__":
    main()
