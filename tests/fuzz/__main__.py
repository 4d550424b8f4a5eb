"""Fuzz one target: `python -m tests.fuzz TARGET`.

With `--guided`, Atheris (the extra `fuzz`) looks for inputs that reach new code, at a fraction of
the speed. An input that breaks the target ends the run. It is written into `fixtures/fuzz/TARGET/`,
where the tests try it for ever after.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import sys
import tempfile
import time
import traceback
from pathlib import Path
from random import Random

from tests.fuzz.corpus import FOUND, NAMES

MOST_BYTES = 16 * 1024
"""The largest input."""


def main() -> int:
    """Fuzz; return 0 if no input broke the target."""
    options = _options()
    logging.disable(logging.WARNING)
    folder = FOUND / options.target
    folder.mkdir(parents=True, exist_ok=True)
    fuzz = _guided if options.guided else _unguided
    return fuzz(options, folder)


def _unguided(options: argparse.Namespace, folder: Path) -> int:
    from tests.fuzz.target import inputs
    from tests.fuzz.targets import TARGETS

    target, began = TARGETS[options.target](), time.monotonic()
    for data in inputs(target, options.inputs, options.seed):
        try:
            target.run(data)
        except Exception:
            path = folder / f"crash-{hashlib.sha1(data).hexdigest()}"
            path.write_bytes(data)
            traceback.print_exc()
            print(f"{data!r}\nis in {path}", file=sys.stderr)
            return 1
    seconds = time.monotonic() - began
    print(f"{options.target}: {options.inputs} inputs in {seconds:.0f} s, none broke it")
    return 0


def _guided(options: argparse.Namespace, folder: Path) -> int:
    import atheris

    with atheris.instrument_imports(include=["emulator"]):
        from tests.fuzz.targets import TARGETS

    target = TARGETS[options.target]()

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        random = Random(seed)
        if random.random() < 0.2:
            return bytes(atheris.Mutate(data, most))
        return target.mutate(data, random)[:most]

    with tempfile.TemporaryDirectory() as corpus:
        for number, data in enumerate(target.seeds):
            (Path(corpus) / f"seed{number}").write_bytes(data)
        settings = {
            "runs": options.inputs,
            "seed": options.seed,
            "max_len": MOST_BYTES,
            "timeout": 20,  # Seconds for one input.
            "artifact_prefix": f"{folder}/",
            "print_final_stats": 1,
        }
        flags = [f"-{name}={value}" for name, value in settings.items()]
        atheris.Setup([sys.argv[0], *flags, corpus], target.run, custom_mutator=mutate)
        atheris.Fuzz()  # It ends the process.
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--inputs", type=int, default=100_000, help="how many (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, help="the same makes the same inputs")
    parser.add_argument("--guided", action="store_true", help="look for new code, with Atheris")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
