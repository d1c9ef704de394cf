"""A real browser, with no network, that tells of everything that goes wrong in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

SCREEN, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
    window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
});
"""
Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium; Playwright's own would have to be downloaded.

    No longer than for one file: Playwright's event loop is in the way of everybody else's.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("The tests of pages need Chromium: apt-get install chromium.")
    # Chromium's own walls do not work for root, and what it opens here is ours.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """Opens pages from files; in the end nothing was complained of, asked for or refused."""
    complaints: list[str] = []
    pages: list[Page] = []
    with ExitStack() as stack:

        def open_page(content: str, name: str = "page.html", **settings: Any) -> Page:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
            settings = {"viewport": SCREEN, "offline": True} | settings
            context = browser.new_context(**settings)
            stack.callback(context.close)
            context.add_init_script(LISTEN)
            context.set_default_timeout(10_000)
            page = context.new_page()
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("request", lambda request: _note_request(request.url, complaints))
            page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
            page.goto(path.as_uri())
            pages.append(page)
            return page

        yield open_page
        for page in pages:
            assert page.evaluate("window.owned") is None
            assert page.evaluate("window.violations") == []
        assert complaints == []


def _note_request(url: str, complaints: list[str]) -> None:
    if not url.startswith("file:"):
        complaints.append(f"asked for {url}")
