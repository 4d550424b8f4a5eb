"""Makes the picture of a report: ``python -m tests.conformance.pictures docs/images``."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from emulator import Emulator
from emulator.conformance.command import run_cases
from emulator.conformance.options import Options
from emulator.conformance.plugin import Given
from emulator.conformance.report import write
from emulator.conformance.run import Run
from tests.console.browser import chromium

SIZE = (1200, 1000)
"""In pixels: from the score to the first of the sections."""

ENDPOINT = "http://127.0.0.1:8080"
"""What the picture says of the endpoint: the port of an emulator that is started by hand."""


def report(folder: Path) -> Path:
    """Hold an emulator against the documents, and write the report."""
    with Emulator(cache="memory", api_revision="2026-08-12", no_limits=True) as emulator:
        run = Run(
            Options(
                endpoint=emulator.endpoint,
                owner_key=emulator.api_key("owner"),
                bucket="my-bucket",
                role_arn="arn:aws:iam::123456789012:role/my-role",
                cluster="my-valkey-cluster",
                log_group="/momento/object-store",
                rate=0,
                state="",
            ),
            wait=emulator.clock.advance,
        )
        run_cases(Given(run))
        found = run.report(complete=True)
    return write({**found, "endpoint": ENDPOINT}, str(folder / "conformance-report.html"))


async def picture(page: Path) -> None:
    """Write a picture of the page beside it."""
    async with chromium() as browser:
        opened = await browser.new_page(
            viewport={"width": SIZE[0], "height": SIZE[1]}, color_scheme="light"
        )
        await opened.goto(page.absolute().as_uri())
        await opened.screenshot(path=page.with_suffix(".png"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    page = report(folder)
    asyncio.run(picture(page))
    page.unlink()


if __name__ == "__main__":
    main()
