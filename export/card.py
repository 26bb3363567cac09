"""A model card filled with figures: its tables, and every figure in its sentences; nothing is typed by hand.

    python -m export.card models/attitude.figures.json models/README.md models/README.ja.md --json output/measured.json
    python -m export.card models/attitude.figures.json models/README.md models/README.ja.md --check

The figures come from `python -m export.figures`. A classifier's tables go between `<!-- scores -->` and `<!-- /scores -->`. In a
sentence, `<!-- = rate persons/accuracy --><!-- / -->` asks for one figure: a format, then the way into the figures
(`export.wording`); what stands between the two comments is replaced. A finder's tables (`export.finder_tables`) are asked for in
the same way, on lines of their own: `<!-- = cameras KEY... -->`, `<!-- = rooms KEY... -->`. Comments are invisible where the
card is read. A card whose name ends in `.ja.md` is written in Japanese. `--check` changes nothing and ends with status 1 where a
card differs from the figures, or where a number stands outside of such places; numbers that nobody measured are declared once:
`<!-- constants: 95 %; 192 x 192 -->`. The JSON is what `python -m export --measured` puts into the file of a classifier.
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from export import finder_tables, wording
from export.card_tables import conditions, tables
from export.figures import fact_sheet, has_tests, read, tests_of
from export.wording import Language
from inference.errors import DataError, OutputError, TaidoError
from inference.output import write_whole

BEGIN, END = "<!-- scores -->", "<!-- /scores -->"
PLACE = re.compile(r"<!-- = (\S+) ([^>]*?) -->(.*?)<!-- / -->", re.DOTALL)
OPENED = re.compile(r"<!-- = ")
TABLES: dict[str, Callable[[Sequence[Any], Language], str]] = {"cameras": finder_tables.cameras, "rooms": finder_tables.rooms}
"""Formats that stand on lines of their own."""
CONSTANTS = re.compile(r"<!-- constants: (.*?) -->", re.DOTALL)
NOT_PROSE = re.compile(r"^```.*?^```|`[^`]*`|<!--.*?-->|\]\([^)]*\)|https?://\S+", re.DOTALL | re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.-])\d(?:[\d,.]*\d)?\s?(?:%|ポイント|points?\b)|(?<![\w.-])\d[\d,.]*\d")
"""A percentage, a difference in points, or any number of two digits or more; not a digit inside a name."""


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export.card", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("figures", type=Path, metavar="FIGURES", help="JSON file of python -m export.figures")
    parser.add_argument("cards", type=Path, nargs="+", metavar="CARD", help="Markdown files to bring up to date")
    parser.add_argument("--json", type=Path, help="file for the figures that python -m export --measured takes")
    parser.add_argument("--check", action="store_true", help="change nothing; status 1 where a card is not up to date")
    given = parser.parse_args(argv)
    try:
        figures = read(given.figures)
        contents = {path: _content(path) for path in given.cards}
        filled_cards = {path: filled(text, figures, language_of(path), path) for path, text in contents.items()}
        if given.check:
            return _told([line for path, text in contents.items() for line in faults(text, filled_cards[path], path)])
        for path, text in filled_cards.items():
            write_whole(path, text.encode("utf-8"))
        if given.json is not None:
            write_whole(given.json, json.dumps(fact_sheet(figures), indent=1).encode("utf-8"))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def filled(card: str, figures: dict[str, Any], language: Language, path: Path) -> str:
    """The card with its tables and figures. Raises DataError for a key that leads nowhere or a place that is not closed."""
    if len(OPENED.findall(card)) != len(PLACE.findall(card)):
        raise DataError(f"{path}: each <!-- = FORMAT KEY --> needs a <!-- / --> behind it.")

    def figure(found: re.Match[str]) -> str:
        form, keys = found[1], found[2].split()
        try:
            text = (_table if form in TABLES else wording.written)(form, keys, figures, language)
        except DataError as error:
            raise DataError(f"{path}: {error}") from error
        return f"<!-- = {form} {found[2]} -->{text}<!-- / -->"

    if has_tests(figures) or BEGIN in card:
        made = [tables(tests_of(figures), language)]
        if "report" in figures:
            made.append(conditions(figures["report"], language))
        card = with_tables(card, "\n\n".join(made), path)
    return PLACE.sub(figure, card)


def _table(form: str, keys: list[str], figures: dict[str, Any], language: Language) -> str:
    """Between empty lines, without which Markdown sees none. Raises DataError for a key that leads nowhere or does not fit."""
    values = [wording.find(figures, key) for key in keys]
    try:
        return f"\n\n{TABLES[form](values, language)}\n\n"
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{' '.join(keys)} cannot be written as the table {form!r} ({error!r}).") from error


def faults(card: str, up_to_date: str, path: Path) -> list[str]:
    """What is wrong with a card, a line each; nothing for a good one."""
    found = []
    for number, (now, then) in enumerate(zip(card.splitlines(), up_to_date.splitlines(), strict=False), start=1):
        if now != then:
            found.append(f"{path}:{number}: differs from the figures. Run the command without --check.")
            break
    else:
        if card != up_to_date:
            found.append(f"{path}: differs from the figures. Run the command without --check.")
    for number, line in enumerate(card.splitlines(), start=1):
        begun = re.match(r"\s*([-*] |\d+\. )?<!-- = (\S+)", line)
        if begun and begun[2] not in TABLES:
            found.append(
                f"{path}:{number}: begins with a comment, which ends the paragraph in Markdown. Break the line elsewhere."
            )
    return [*found, *(f"{path}: the number {text!r} comes from no figure and is no declared constant." for text in stray(card))]


def stray(card: str) -> list[str]:
    """Numbers of the prose that are neither filled in nor declared as constants."""
    declared = [text.strip() for found in CONSTANTS.findall(card) for text in found.split(";")]
    prose = re.sub(f"{BEGIN}.*?{END}", " ", card, flags=re.DOTALL)
    prose = NOT_PROSE.sub(" ", PLACE.sub(" ", prose))
    for constant in sorted(filter(None, declared), key=len, reverse=True):
        prose = re.sub(rf"(?<![\d.,]){re.escape(constant)}(?![\d])", " ", re.sub(r"\s+", " ", prose))
    return [found[0].strip() for found in NUMBER.finditer(prose)]


def with_tables(card: str, text: str, path: Path) -> str:
    """The card with what stands between the markers replaced. Raises OutputError when it has none."""
    if card.count(BEGIN) != 1 or card.count(END) != 1:
        raise OutputError(f"{path} must hold one {BEGIN} and one {END}; the tables go between them.")
    before, rest = card.split(BEGIN)
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}"


def language_of(path: Path) -> Language:
    """By the name of the file."""
    return "ja" if path.name.endswith(".ja.md") else "en"


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OutputError(
            f"The card {path} cannot be read ({error}). Write its text first; the figures are filled in."
        ) from error


def _told(lines: list[str]) -> int:
    for line in lines:
        print(line, file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
