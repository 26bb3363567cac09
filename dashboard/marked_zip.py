"""The pictures of the Photos page as one ZIP file, with the table in it.

Pictures of a class have every student marked; pictures of one student lie in a folder per attitude, as the model sees them.
"""

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from gradio.processing_utils import save_file_to_cache

from dashboard.gallery import Card
from dashboard.spreadsheet import for_spreadsheets
from inference.predictions import Predictions, csv_text

ZIP_NAME = "taido-photos.zip"
TABLE_NAME = "taido-attitudes.csv"


def zip_file(predictions: Predictions, cards: Sequence[Card], places: Mapping[str, Path], cache: str) -> str:
    """The file in Gradio's cache, from where it is deleted with the photographs; `cards` in the order of the predictions."""
    with tempfile.TemporaryDirectory(dir=cache) as folder:  # goes with the uploads, however the program ends
        path = Path(folder) / ZIP_NAME
        with zipfile.ZipFile(path, "w") as packed:  # JPEG does not become smaller
            packed.writestr(TABLE_NAME, for_spreadsheets(csv_text(predictions)))
            for name, (picture, _) in zip(names(predictions, places), cards, strict=True):
                packed.write(picture, name)
        return str(save_file_to_cache(path, cache))


def names(predictions: Predictions, places: Mapping[str, Path]) -> list[str]:
    """Different ones, in the order of the cards; a number comes first, so that they sort as on the page."""
    if predictions.rooms is None:
        rows = [(f"{row.label}/", row.file) for row in predictions.rows]
    else:
        rows = [("", name) for name in predictions.rooms]
    return [f"{folder}{number:03d} {_plain(places[file].stem)}.jpg" for number, (folder, file) in enumerate(rows, 1)]


def _plain(stem: str) -> str:
    """Without anything that a program which unpacks could take for a folder."""
    return stem.replace("\\", "_").replace("/", "_")
