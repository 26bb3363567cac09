"""The static page classifies wholly in Chromium: the server's scores, and not one request to anywhere but its own folder."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from export import web
from inference import Classifier, decode
from tests.shared import shared

SECONDS = 60_000
BUNDLED = Path(__file__).parents[2] / "models" / "attitude.onnx"
TOLERANCE = 1e-2


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments: object) -> None:
        pass


@dataclass
class Site:
    """A page in a browser, and what it asked for."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    """Requests with a body: there must be none."""


@pytest.fixture
def open_site(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Site]]:
    """`open_site(model, locale="ja-JP", width=390)`: the assembled page, ready; at the end no error and no foreign address."""
    sites: list[tuple[Site, ThreadingHTTPServer]] = []
    if not web.RUNTIME.is_dir():
        pytest.skip("ONNX Runtime Web is not there; fetch it with: npm ci --prefix web --ignore-scripts")

    def go(model: Path, *, locale: str = "en-US", width: int = 1280) -> Site:
        folder = tmp_path / f"site-{len(sites)}"
        web.assemble(model, folder)
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        context = browser.new_context(viewport={"width": width, "height": 844}, locale=locale, permissions=["camera"])
        site = Site(context.new_page(), f"http://127.0.0.1:{server.server_port}/")
        sites.append((site, server))
        site.page.on("console", lambda m: site.errors.append(m.text) if m.type == "error" else None)
        site.page.on("pageerror", lambda error: site.errors.append(str(error)))
        site.page.on("request", lambda r: (site.addresses.append(r.url), site.sent.append(r.url) if r.post_data else None))
        site.page.goto(site.address)
        site.page.locator("body[data-ready=yes]").wait_for(timeout=SECONDS)
        return site

    yield go
    for site, server in sites:
        site.page.context.close()
        server.shutdown()
        server.server_close()
        assert site.errors == [] and site.sent == []
        assert [a for a in site.addresses if not a.startswith((site.address, "data:", "blob:"))] == []


def scores_of(site: Site, files: list[Path]) -> list[list[float]]:
    """What the page shows for these files, in their order."""
    site.page.locator("#clear").click()
    site.page.locator("#files").set_input_files(files)
    expect(site.page.locator("#results .card")).to_have_count(len(files), timeout=SECONDS * 3)
    cards = site.page.locator("#results .bars").all()
    return [json.loads(card.get_attribute("data-scores") or "") for card in reversed(cards)]


def test_browser_gives_the_scores_of_the_server_on_generated_pictures(open_site: Callable[..., Site], tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    files = []
    for i, (width, height, suffix) in enumerate([(300, 200, "png"), (90, 160, "jpg"), (640, 480, "jpg"), (41, 37, "png")]):
        small = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        files.append(tmp_path / f"{i}.{suffix}")
        exif = Image.Exif()
        exif[0x0112] = 6 if i == 1 else 1  # one of them lies on its side
        small.resize((width, height), Image.Resampling.BICUBIC).save(files[-1], exif=exif)
    Image.new("RGBA", (60, 80), (200, 30, 30, 90)).save(tmp_path / "transparent.png")
    files.append(tmp_path / "transparent.png")
    classifier = Classifier(BUNDLED, provider="cpu")
    shown = scores_of(open_site(BUNDLED), files)
    np.testing.assert_allclose(shown, classifier.scores_of([decode(file) for file in files]), atol=TOLERANCE)


def test_browser_gives_the_scores_of_the_server_on_real_photographs(open_site: Callable[..., Site]) -> None:
    folder = shared("data/attitude")
    files = [
        path
        for name in sorted(p.name for p in folder.iterdir() if p.is_dir())
        for path in sorted((folder / name).iterdir())[::97]
    ]
    files = files[:: max(1, len(files) // 24)][:24]
    shown = np.array(scores_of(open_site(BUNDLED), files))
    served = Classifier(BUNDLED, provider="cpu").scores_of([decode(file) for file in files])
    print(f"largest difference of a score on {len(files)} photographs: {np.abs(shown - served).max():.2g}")
    np.testing.assert_allclose(shown, served, atol=TOLERANCE)


def test_page_speaks_japanese_and_tells_a_file_that_is_no_picture(
    open_site: Callable[..., Site], make_model: Callable[..., Path], tmp_path: Path, photos: list[Path], screenshots: Path
) -> None:
    names = ("looking-ahead", "looking-down", "sleep", "touching-pda")
    site = open_site(make_model(class_names=names), locale="ja-JP", width=390)
    (tmp_path / "notes.jpg").write_text("no picture")
    site.page.locator("#files").set_input_files([photos[0], tmp_path / "notes.jpg"])
    expect(site.page.locator("#results .card")).to_have_count(2, timeout=SECONDS)
    expect(site.page.get_by_role("alert")).to_contain_text("写真として読めません")
    expect(site.page.locator("#results .row").first).to_contain_text("前を見ている")
    assert site.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    site.page.screenshot(path=screenshots / "web-390-ja.png", full_page=True)
    site.page.locator("#language").click()
    expect(site.page.locator("h1")).to_have_text("Taido in the browser")


def test_webcam_is_classified_and_let_go(
    open_site: Callable[..., Site], make_model: Callable[..., Path], screenshots: Path, photos: list[Path]
) -> None:
    site = open_site(make_model(class_names=("looking-ahead", "looking-down", "sleep", "touching-pda")))
    site.page.locator("#files").set_input_files(photos[:2])
    site.page.locator("#webcam").click()
    expect(site.page.locator("#seen .row").first).to_contain_text("Looking ahead", timeout=SECONDS)
    first = json.loads(site.page.locator("#seen").get_attribute("data-scores") or "")
    assert sum(first) == pytest.approx(1, abs=1e-3)
    site.page.screenshot(path=screenshots / "web-1280.png", full_page=True)
    site.page.locator("#webcam").click()
    expect(site.page.locator("#live")).to_be_hidden()
    assert site.page.evaluate("document.getElementById('video').srcObject") is None
