"""Finding a Chrome, Edge or Chromium for tests; getting one where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)


def _usual_places() -> list[Path]:
    if sys.platform == "darwin":
        inside = ("Google Chrome", "Chromium", "Microsoft Edge")
        return [Path(f"/Applications/{name}.app/Contents/MacOS/{name}") for name in inside]
    if sys.platform == "win32":
        folders = [os.environ.get(name, "") for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
        tails = (r"Google\Chrome\Application\chrome.exe", r"Microsoft\Edge\Application\msedge.exe")
        return [Path(folder, tail) for folder in folders if folder for tail in tails]
    return [Path("/snap/bin/chromium"), Path("/opt/google/chrome/chrome"), Path("/opt/microsoft/msedge/msedge")]


def find() -> str | None:
    """Path of an installed browser: CRM_CHROMIUM, the path, the usual places, Playwright's own."""
    given = os.environ.get("CRM_CHROMIUM")
    if given and Path(given).is_file():
        return given
    for name in NAMES:
        if found := shutil.which(name):
            return found
    for place in _usual_places():
        if place.is_file():
            return str(place)
    return _playwrights()


def find_or_install() -> str | None:
    """A browser's path, installed when there is none: Debian's package where it may, else Playwright's."""
    if found := find():
        return found
    if is_root() and shutil.which("apt-get"):
        apt_install("chromium")
        if found := find():
            return found
    print("Getting Playwright's Chromium …", flush=True)
    subprocess.call([sys.executable, "-m", "playwright", "install", "chromium"])
    return find()


def _playwrights() -> str | None:
    code = (
        "from playwright.sync_api import sync_playwright as s\n"
        "with s() as p: print(p.chromium.executable_path)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    path = done.stdout.strip()
    return path if done.returncode == 0 and path and Path(path).is_file() else None


def is_root() -> bool:
    """Whether this process may install packages."""
    return sys.platform != "win32" and os.geteuid() == 0


def apt_install(*packages: str) -> bool:
    """Install Debian packages. False when that does not work."""
    print(f"Installing {', '.join(packages)} …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.call(["apt-get", "update", "-qq"], env=environment, stdout=subprocess.DEVNULL)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    return subprocess.call(command, env=environment, stdout=subprocess.DEVNULL) == 0
