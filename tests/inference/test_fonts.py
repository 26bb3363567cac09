"""Which fonts a picture is drawn with, and that one installed later is found."""

import logging
import shutil
from pathlib import Path

import pytest
from matplotlib import font_manager

from inference import fonts


def test_a_font_installed_after_the_list_was_written_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The new font is a copy of one of matplotlib's own; a file that is no font lies beside it."""
    name, installed = "DejaVu Serif", tmp_path / "new.ttf"
    source = font_manager.findfont(name, fallback_to_default=False)
    left = [font for font in font_manager.fontManager.ttflist if font.name != name]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", left)
    monkeypatch.setattr(fonts, "JAPANESE", ("No Such Font", name))
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda: [str(broken), *map(str, tmp_path.glob("new.ttf"))])
    assert fonts.japanese() is None
    shutil.copy(source, installed)
    assert fonts.japanese() == name


def test_choose_says_when_the_words_cannot_be_japanese(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(fonts, "japanese", lambda: None)
    with caplog.at_level(logging.WARNING):
        assert fonts.choose("en", "plots are") == ("en", [fonts.LATIN])
        assert not caplog.records
        assert fonts.choose("ja", "plots are") == ("en", [fonts.LATIN])
    assert [record.getMessage() for record in caplog.records] == [
        f"None of the fonts {', '.join(fonts.JAPANESE)} is installed; the plots are in English."
    ]


@pytest.mark.parametrize(("language", "families"), [("ja", ["Found", fonts.LATIN]), ("en", [fonts.LATIN, "Found"])])
def test_the_words_own_font_comes_first(language: fonts.Language, families: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "japanese", lambda: "Found")
    assert fonts.choose(language, "plots are") == (language, families)
