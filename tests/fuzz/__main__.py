"""``python -m tests.fuzz --seconds 600``: looks for inputs that the grader stumbles over.

Guided by coverage: an input that reaches a new place in ``grader.submission`` is kept and changed
further. Ends at the first finding, which it writes to the folder of findings.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

try:
    import atheris
except ImportError:
    sys.exit("The fuzzer needs atheris: pip install -e .[fuzz]")

ROOT = Path(__file__).resolve().parent.parent.parent
SEEDS = (
    ROOT / "tests" / "fuzz" / "seeds",
    ROOT / "solutions",
    ROOT / "assignments",
    ROOT / "tests" / "notebooks",
)
MAX_BYTES = 30_000
MAX_SEED_BYTES = 10_000
"""Long inputs are slow, and hold little that short ones do not."""
RAW_EVERY = 10
"""One change in so many is one of libFuzzer's own, which knows bytes only."""
SLOW_SECONDS = 10.0
"""Of processor time with coverage; without it an input takes a fifth of that or less."""
MEMORY_MB = 3000


def main() -> None:
    """Parse the arguments and fuzz; libFuzzer ends the process."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", type=Path, help="keep what reaches new places, to go on from")
    parser.add_argument("--findings", type=Path, default=Path.cwd())
    parser.add_argument("--seed", type=int, default=0, help="0: another one each time")
    given = parser.parse_args()

    with atheris.instrument_imports(include=["grader.submission"]):
        from tests.fuzz.target import look_at
    from tests.fuzz.mutate import mutate

    def change(data: bytes, max_size: int, seed: int) -> bytes:
        if seed % RAW_EVERY == 0:
            return bytes(atheris.Mutate(data, max_size))
        return mutate(data, seed)[:max_size]

    corpus = given.corpus or Path(tempfile.mkdtemp())
    corpus.mkdir(exist_ok=True, parents=True)
    _plant(corpus)
    given.findings.mkdir(exist_ok=True, parents=True)
    options = {
        "max_total_time": given.seconds,
        "max_len": MAX_BYTES,
        "timeout": int(4 * SLOW_SECONDS),
        "rss_limit_mb": MEMORY_MB,
        "seed": given.seed,
        "artifact_prefix": f"{given.findings}/",
    }
    arguments = [sys.argv[0], *(f"-{key}={value}" for key, value in options.items()), str(corpus)]
    atheris.Setup(
        arguments, lambda data: look_at(data, seconds=SLOW_SECONDS), custom_mutator=change
    )
    atheris.Fuzz()


def _plant(corpus: Path) -> None:
    """Begin with every notebook and script of the project, the large ones left out."""
    for folder in SEEDS:
        for path in folder.rglob("*"):
            if path.suffix in (".ipynb", ".py") and path.stat().st_size <= MAX_SEED_BYTES:
                (corpus / f"seed-{path.name}").write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()
