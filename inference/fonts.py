"""Fonts of this machine for the pictures that matplotlib draws.

language, families = choose("ja", "plots are")
"""

import logging
from typing import TYPE_CHECKING

from inference.words import Language

if TYPE_CHECKING:
    from matplotlib.font_manager import FontManager

JAPANESE = ("Noto Sans CJK JP", "IPAexGothic", "Yu Gothic", "Hiragino Sans")
"""Families that know Japanese, in order of preference."""
LATIN = "DejaVu Sans"
"""Comes with matplotlib."""
logger = logging.getLogger(__name__)


def choose(language: Language, what: str) -> tuple[Language, list[str]]:
    """The language to draw in and the families of its fonts, first choice first.

    Without a font that knows Japanese the language is English, and a warning says so of `what` ("plots are").
    """
    found = japanese()
    if found is None:
        if language == "ja":
            logger.warning("None of the fonts %s is installed; the %s in English.", ", ".join(JAPANESE), what)
        return "en", [LATIN]
    return language, [found, LATIN] if language == "ja" else [LATIN, found]


def japanese() -> str | None:
    """A family that knows Japanese, or None. One that was installed after matplotlib wrote its list of fonts is found too."""
    from matplotlib import font_manager

    known = font_manager.fontManager
    if (there := _named(known)) is not None:
        return there
    listed = {font.fname for font in known.ttflist}
    for path in font_manager.findSystemFonts():
        if path not in listed:
            try:
                known.addfont(path)
            except (OSError, RuntimeError, ValueError) as error:  # a broken font, or of a kind that matplotlib does not draw
                logger.debug("%s is no font for matplotlib: %s", path, error)
    return _named(known)


def _named(known: "FontManager") -> str | None:
    there = {font.name for font in known.ttflist}
    return next((name for name in JAPANESE if name in there), None)
