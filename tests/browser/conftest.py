"""The whole product as a person starts it, and a real Chromium to look at it with."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
START_S = 120
PASSWORD = "tulip harbour lantern 77"


@dataclass
class Product:
    """A running product: its address, its data folder, its process."""

    address: str
    folder: Path
    process: subprocess.Popen[bytes]

    def command(self, *arguments: str, typed: str | None = None) -> str:
        """Run a ``manage.py`` command beside it (``typed``: its standard input); returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "dashboard.cli", *arguments],
            cwd=ROOT, env=_environment(self.folder, 0), capture_output=True, text=True, timeout=180, check=False, input=typed,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def _environment(folder: Path, port: int) -> dict[str, str]:
    return {
        **os.environ, "CRM_DATA_DIR": str(folder), "CRM_PORT": str(port or 8050), "CRM_DEMO": "false",
        "PYTHONPATH": str(ROOT), "CRM_SECRET_KEY": "tests-only-secret-tests-only-secret",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder = tmp_path_factory.mktemp("product")
    port = _free_port()
    out = (folder / "run.out").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard.cli", "run"],
        cwd=ROOT, env=_environment(folder, port), stdout=out, stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, folder / "run.out")
        yield Product(address, folder, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        out.close()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the product did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def _chromium() -> str | None:
    """What the test command found, or an installed one; none: Playwright's own."""
    given = os.environ.get("CRM_CHROMIUM")
    if given:
        return given
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
    return next((found for name in names if (found := shutil.which(name))), None)


# Not longer than its module: Playwright keeps an event loop running in this thread, and later tests start their own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    arguments = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses its sandbox to root
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_chromium(), args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="ru-RU", timezone_id="Europe/Moscow", accept_downloads=True
    )
    context.set_default_timeout(20_000)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


def sign_up(page: Page, product: Product, account: str, email: str, name: str = "Анна Климова") -> None:
    """Make an account by its form, without a mouse, and wait for the empty overview. The password is ``PASSWORD``."""
    page.goto(f"{product.address}/register")
    for field, value in (("account_name", account), ("name", name), ("email", email), ("password", PASSWORD)):
        page.fill(f"#{field}", value)
    page.keyboard.press("Enter")
    expect(page.locator("#frame-rail")).to_be_visible(timeout=30_000)
    expect(page.locator("#overview-empty")).to_be_visible(timeout=30_000)


class Watched:
    """Collects what a page must not say: console errors and failed scripts."""

    def __init__(self, page: Page) -> None:
        self.said: list[str] = []
        page.on("pageerror", lambda error: self.said.append(f"page error: {error}"))
        page.on(
            "console",
            lambda message: self.said.append(f"{message.type}: {message.text}") if message.type == "error" else None,
        )
