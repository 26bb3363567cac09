"""Chromium with a camera that shows a file, and the running app."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, sync_playwright

from tests.dashboard.served import ROOT, Served, running_app

CHROMIUM = Path(os.environ.get("TAIDO_CHROMIUM", "/usr/bin/chromium"))
ATTITUDES = ("looking-ahead", "looking-down", "sleep", "touching-pda")
"""The tiny model gives them to red, green, blue and dark pictures, in this order."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def served(make_model: Callable[..., Path], tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    model = make_model(class_names=ATTITUDES, measured={"test": {"accuracy": 0.91}})
    arguments = ["--model", str(model), "--finder", str(tiny_finder), "--students", "whole", "--provider", "cpu"]
    with running_app(arguments, tmp_path_factory.mktemp("temporary")) as app:
        yield app


@pytest.fixture(scope="session")
def camera_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film for the fake camera: a second of red, then a second of blue, over and over."""
    path = tmp_path_factory.mktemp("camera") / "film.mjpeg"
    with path.open("wb") as film:
        for colour in [(200, 30, 30)] * 30 + [(30, 30, 200)] * 30:
            Image.new("RGB", (640, 480), colour).save(film, "JPEG")
    return path


@pytest.fixture(scope="module")  # while it runs, no other test of this thread could start an event loop
def playwright() -> Iterator[Playwright]:
    if not CHROMIUM.is_file():
        reason = f"there is no Chromium at {CHROMIUM}: install it, or give its path in TAIDO_CHROMIUM"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def browser(playwright: Playwright, camera_film: Path) -> Iterator[Browser]:
    film = f"--use-file-for-fake-video-capture={camera_film}"
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*ARGUMENTS, film])
    yield browser
    browser.close()


@dataclass
class Visit:
    """A page, and what it did behind the scenes."""

    page: Page
    errors: list[str] = field(default_factory=list)
    """Errors in the console and exceptions of scripts."""
    addresses: list[str] = field(default_factory=list)
    """Everything that was asked for over the network."""

    def foreign(self, own: str) -> list[str]:
        """Addresses outside the app."""
        return [a for a in self.addresses if not a.startswith((own, own.replace("http", "ws"), "data:", "blob:"))]


@pytest.fixture
def visit(browser: Browser, served: Served) -> Iterator[Callable[..., Visit]]:
    """`visit(width=390, locale="ja-JP", scheme="dark")`: opens the app; at the end no error and no foreign host is allowed."""
    visits: list[tuple[Visit, Served]] = []

    def go(
        app: Served = served, *, width: int = 1280, locale: str = "en-US", scheme: Literal["light", "dark"] = "light"
    ) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 844 if width < 600 else 800},
            locale=locale,
            color_scheme=scheme,
            permissions=["camera"],
        )
        visited = Visit(context.new_page())
        visits.append((visited, app))

        def heard(message: ConsoleMessage) -> None:
            if message.type == "error":
                visited.errors.append(message.text)

        visited.page.on("console", heard)
        visited.page.on("pageerror", lambda error: visited.errors.append(str(error)))
        visited.page.on("request", lambda request: visited.addresses.append(request.url))
        visited.page.goto(app.address)
        visited.page.locator("#photos-summary .taido-card").wait_for()
        return visited

    yield go
    for visited, app in visits:
        visited.page.context.close()
        assert visited.errors == []
        assert visited.addresses
        assert visited.foreign(app.address) == []


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where screenshots go: TAIDO_SCREENSHOTS, or tests/artifacts, which git ignores."""
    folder = Path(os.environ.get("TAIDO_SCREENSHOTS", ROOT / "tests" / "artifacts"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Two good photographs, red and green, and one that is cut short."""
    random = np.random.default_rng(0)
    paths = []
    for name, colour in {"front row.jpg": (190, 80, 80), "second row.png": (80, 160, 80), "broken.jpg": (80, 80, 180)}.items():
        pixels = np.clip(np.array(colour) + random.normal(0, 20, (300, 400, 3)), 0, 255).astype(np.uint8)
        paths.append(tmp_path / name)
        Image.fromarray(pixels).save(paths[-1])
    paths[-1].write_bytes(paths[-1].read_bytes()[:2000])
    return paths


@pytest.fixture
def rooms(make_room: Callable[..., Path]) -> list[Path]:
    """A class of three students, another of two, and an empty room."""
    size = (960, 640)
    return [
        make_room("lesson.png", {(80, 80, 160, 160): "red", (400, 80, 480, 160): "blue", (720, 400, 800, 480): "blue"}, size),
        make_room("lab.jpg", {(80, 320, 160, 400): "red", (560, 320, 640, 400): "lime"}, size),
        make_room("empty.png", {}, size),
    ]
