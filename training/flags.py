"""A setting is a field of a frozen dataclass with its help text; the command line is made from the fields.

    @dataclass(frozen=True, kw_only=True)
    class Settings:
        lr: float = flag(1e-3, "highest learning rate")

    settings = parse_as(Settings, argv, "training.example", "What the program does.")

What was not given comes from `--resume` (the settings of the run that goes on), else from `--preset`, else from the field.
"""

import argparse
import dataclasses
import typing
from collections.abc import Callable
from dataclasses import field
from pathlib import Path
from typing import Any, Literal, TypeVar

from training import presets

Settings = TypeVar("Settings")


def flag(default: Any, text: str, *names: str, positional: bool = False, many: bool = False) -> Any:
    """A field with its help; `names` are further spellings, `many` takes several values."""
    return field(default=default, metadata={"help": text, "names": names, "positional": positional, "many": many})


def parse_as(
    kind: type[Settings],
    argv: list[str] | None,
    module: str,
    description: str,
    *,
    resumed: Callable[[Path], dict[str, Any]] | None = None,
) -> Settings:
    """Command line of `python -m module` -> settings of this kind; `resumed` reads the settings of the run that goes on.

    An unknown flag ends the program with a message. Raises DataError for an unknown preset or one that does not fit, and
    what `resumed` raises.
    """
    parser = parser_of(kind, module, description)
    given, _ = parser.parse_known_args(argv)
    known = {setting.name for setting in dataclasses.fields(kind)}  # type: ignore[arg-type]  # every Settings is a dataclass
    if vars(given).get("preset"):
        parser.set_defaults(**presets.read(given.preset, kind))
    if resumed is not None and vars(given).get("resume"):
        before = resumed(Path(given.resume))
        parser.set_defaults(**{key: value for key, value in before.items() if key in known and key not in ("preset", "resume")})
    return settings_of(kind, parser.parse_args(argv))


def settings_of(kind: type[Settings], given: argparse.Namespace) -> Settings:
    """What a parser of `parser_of` found."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in vars(given).items()}
    return kind(**values)


def parser_of(kind: type[Settings], module: str, description: str) -> argparse.ArgumentParser:
    """A parser with a flag for each field."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}",
        description=description,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    hints = typing.get_type_hints(kind)
    for setting in dataclasses.fields(kind):  # type: ignore[arg-type]
        _add(parser, setting, hints[setting.name])
    return parser


def _add(parser: argparse.ArgumentParser, setting: dataclasses.Field[Any], hint: Any) -> None:
    text = setting.metadata["help"]
    if setting.metadata["positional"]:
        parser.add_argument(setting.name, help=text, metavar=setting.name.upper(), nargs="?", default=setting.default)
        return
    names = [f"--{setting.name.replace('_', '-')}", *setting.metadata["names"]]
    options: dict[str, Any] = {"help": text, "dest": setting.name, "default": setting.default}
    if setting.metadata["many"]:
        options |= {"nargs": "+", "type": typing.get_args(hint)[0]}
    elif typing.get_origin(hint) is Literal:
        options["choices"] = typing.get_args(hint)
    elif hint is bool:
        options["action"] = argparse.BooleanOptionalAction
    else:
        options["type"] = hint
    parser.add_argument(*names, **options)
