"""The site is built without a warning, its links lead somewhere, and it loads only its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest

from tests.support.environment import ROOT

pytestmark = pytest.mark.slow

TIMEOUT_SECONDS = 120

_LOADS = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src"}
"""Attributes whose URLs a browser loads by itself."""


class Page(HTMLParser):
    """The links of a page, what it loads, and the names that links into it may have."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value for name, value in attrs if value is not None}
        self.names.update(found[name] for name in ("id", "name") if name in found)
        if tag == "a" and "href" in found:
            self.links.append(found["href"])
        if tag in _LOADS and _LOADS[tag] in found and found.get("rel") != "canonical":
            self.loaded.append(found[_LOADS[tag]])


class Site(NamedTuple):
    """The folder of a site that was built, and its pages by their paths in it."""

    folder: Path
    pages: dict[str, Page]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    if find_spec("mkdocs") is None or find_spec("material") is None:
        pytest.skip("mkdocs-material is not installed: run `make test-all`")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    found = {
        path.relative_to(folder).as_posix(): Page(path.read_text(encoding="utf-8"))
        for path in folder.rglob("*.html")
    }
    return Site(folder, found)


def test_every_page_of_the_documentation_is_a_page_of_the_site(site: Site) -> None:
    for path in (ROOT / "docs").glob("*.md"):
        name = "index.html" if path.stem == "index" else f"{path.stem}/index.html"
        assert name in site.pages


def test_every_link_inside_of_the_site_leads_to_a_file_and_a_place_in_it(site: Site) -> None:
    assert [f"{page}: {link}" for page, link in _local_links(site) if not _leads(site, link)] == []


def _local_links(site: Site) -> Iterator[tuple[str, str]]:
    """Each page, and the path of each of its links in the site, with the name behind ``#``."""
    for name, page in site.pages.items():
        if name != "404.html":  # Its links begin with the path of a site that is served.
            for link in (*page.links, *page.loaded):
                if not urlsplit(link).scheme and not link.startswith("//"):
                    yield name, urljoin(f"/{name}", link).removeprefix("/")


def _leads(site: Site, link: str) -> bool:
    path, fragment = urldefrag(unquote(link))
    path = f"{path}index.html" if path == "" or path.endswith("/") else path
    if not (site.folder / path).is_file():
        return False
    return not fragment or path not in site.pages or fragment in site.pages[path].names


def test_a_browser_loads_nothing_from_elsewhere(site: Site) -> None:
    loaded = {url for page in site.pages.values() for url in page.loaded}
    assert [url for url in loaded if urlsplit(url).netloc] == []
    assert any(url.endswith(".css") for url in loaded)
