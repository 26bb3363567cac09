"""Settings under a name: the recipes of published studies, and files of your own.

    python -m training.train DATA --preset yoshitake2023 --epochs 20      # what is given beside it wins
    python -m training.train DATA --preset mine.toml
    python -m training.train DATA --preset output/train/RUN/settings.json

Each file of the folder `presets/` is one, in TOML, with its source. Keys are the flags' names with `_` for `-`.
"""

import dataclasses
import json
import tomllib
import typing
from pathlib import Path
from typing import Any, Literal

from inference.errors import DataError

FOLDER = Path(__file__).parent / "presets"
OF_ONE_RUN = {"data", "preset", "resume", "experiment"}
"""A preset does not set them; in a run's settings.json they are passed over."""


def names() -> list[str]:
    """Of the presets that come with the program."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def read(name: str, kind: type[Any]) -> dict[str, Any]:
    """Settings of a preset by its name, or of a file. Raises DataError when there is none, or for a key or value that is none."""
    path = Path(name) if name.endswith((".toml", ".json")) else FOLDER / f"{name}.toml"
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise DataError(f"There is no preset {name!r}. Choose {', '.join(names())}, or give a .toml or .json file.") from error
    except ValueError as error:
        raise DataError(f"The preset {path} cannot be read ({error}).") from error
    if not isinstance(content, dict):
        raise DataError(f"The preset {path} must be a table of settings, got {type(content).__name__}.")
    fields = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(content) - fields)
    if unknown:
        raise DataError(f"The preset {path} has keys that are no settings: {', '.join(unknown)}. See --help for those there are.")
    hints = typing.get_type_hints(kind)
    return {key: _checked(path, key, value, hints[key]) for key, value in content.items() if key not in OF_ONE_RUN}


def _checked(path: Path, key: str, value: Any, hint: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin is Literal:
        fits = value in typing.get_args(hint)
    elif origin is tuple:
        part = typing.get_args(hint)[0]
        fits = isinstance(value, list) and all(_is(item, part) for item in value)
    else:
        fits = _is(value, hint)
    if not fits:
        raise DataError(f"The preset {path} sets {key} to {value!r}, which is not {_words(hint)}.")
    if hint is float:
        return float(value)
    return tuple(value) if isinstance(value, list) else value


def _is(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is kind


def _words(hint: Any) -> str:
    if typing.get_origin(hint) is Literal:
        return f"one of {', '.join(map(str, typing.get_args(hint)))}"
    return {"int": "a whole number", "float": "a number", "bool": "true or false", "str": "a text"}.get(
        getattr(hint, "__name__", ""), f"a list ({hint})"
    )
