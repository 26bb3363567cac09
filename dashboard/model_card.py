"""`model_card`: what is written beside a model file, in the language of the page, without what leads away from the app.

model_card(classifier, "ja")  # mine.ja.md, mine.md, README.ja.md or README.md, the first that is there
"""

import re
from pathlib import Path

from dashboard.texts import Language
from inference import Classifier, TaidoError
from inference.finder import Finder
from inference.quickest import PRECISIONS
from inference.switching import model_files


def model_card(model: Classifier | Finder, language: Language = "en") -> str:
    """The Markdown file beside the model, or nothing. Its front matter and pictures go, as no page of ours asks another host, and
    so do links to files beside it, which the app does not serve: one that is a line of its own leaves nothing.
    """
    path = _card_of(model.path, language)
    if path is None:
        return ""
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TaidoError(
            f"The model card {path} cannot be read ({error}). Repair it or move it away.", code="card_unreadable", name=path.name
        ) from error
    if path.stem.startswith("README") and _is_of_another(model.path, written):
        return ""
    written = re.sub(r"\A---\n.*?\n---\n", "", written, flags=re.DOTALL)
    written = re.sub(r"^\[[^\]]*\]\((?!https?://|#)[^)]*\)\s*$", "", written, flags=re.MULTILINE)
    written = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", written)
    written = re.sub(r"<img\b[^>]*>", "", written, flags=re.IGNORECASE)
    return re.sub(r"\[([^\]]*)\]\((?!https?://|#)[^)]*\)", r"\1", written)


def _card_of(model: Path, language: Language) -> Path | None:
    """The one of that model's name, a variant's after that of its full file, before the folder's; each in the language of the
    page before English.
    """
    endings = (".ja.md", ".md") if language == "ja" else (".md",)
    full = next((model.stem.removesuffix(f"-{name}") for name in PRECISIONS if model.stem.endswith(f"-{name}")), model.stem)
    paths = (model.with_name(stem + ending) for stem in (model.stem, full, "README") for ending in endings)
    return next((path for path in paths if path.is_file()), None)


def _is_of_another(model: Path, written: str) -> bool:
    """Where several models lie in a folder, its card is that of the model that it names."""
    return model.name not in written and len(model_files([model.parent])) > 1
