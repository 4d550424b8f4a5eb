"""Makes the picture of a report: ``python -m tests.conformance.pictures docs/images``."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from emulator.conformance.report import write
from emulator.conformance.statements import SECOND
from tests.console.browser import chromium

from .own import emulator_of, report_on

SIZE = (1200, 1000)
"""In pixels: from the score to the first of the sections."""

ENDPOINT = "http://127.0.0.1:8080"
"""What the picture says of the endpoint: the port of an emulator that is started by hand."""


def page_of_a_run(folder: Path) -> Path:
    """Hold an emulator against the documents, and write the page of the report."""
    with emulator_of(SECOND) as emulator:
        found = report_on(emulator, variants=1000)
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
    page = page_of_a_run(folder)
    asyncio.run(picture(page))
    page.unlink()


if __name__ == "__main__":
    main()
