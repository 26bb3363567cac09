"""A run's state in one file: written to a temporary name and then replaced, read without executing anything in it."""

import dataclasses
import io
import pickle
import warnings
from pathlib import Path
from typing import Any

import timm
import torch

from inference.errors import ModelError, OutputError
from inference.output import replacing, write_whole
from inference.spec import ModelSpec
from training import finder_model
from training import model as classifier_model
from training.backbones import TORCHVISION, head_names
from training.config import LoopConfig
from training.finder_model import FinderModel
from training.model import FrameModel

FORMAT = "taido-checkpoint-1"
CONTENT = {"spec": str, "config": dict, "weights": dict, "state": dict}
"""What a checkpoint holds, and of which type."""


def save(path: Path, model: FrameModel | FinderModel, config: LoopConfig, **state: Any) -> None:
    """Write weights, fact sheet, settings and `state`. The file is whole or the old one stays; raises OutputError."""
    content = {
        "format": FORMAT,
        "spec": model.spec.to_json(),
        "config": dataclasses.asdict(config),
        "weights": model.network.state_dict(),
        "state": state,
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left in path.parent.glob(f".{path.name}-*"):  # by a run that was killed while it wrote
            left.unlink()
        with replacing(path, prefix=f".{path.name}-") as file:
            torch.save(content, file)
    except (OSError, RuntimeError) as error:
        raise OutputError(f"The checkpoint {path} could not be written ({error}). The one before it is untouched.") from error


def read(path: Path) -> dict[str, Any]:
    """The content of a checkpoint of ours. Raises ModelError for a missing, damaged or foreign file."""
    if not path.is_file():
        raise ModelError(f"There is no checkpoint {path}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # notes on foreign pickles, which are refused below
            content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError, OSError) as error:
        raise ModelError(
            f"{path} is damaged or holds more than weights, so it is not loaded. Use one written by `python -m training.train`."
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ModelError(f"{path} is a checkpoint of another program. Use one written by `python -m training.train`.")
    wrong = [name for name, kind in CONTENT.items() if not isinstance(content.get(name), kind)]
    if wrong:
        raise ModelError(f"{path} lacks {' and '.join(wrong)}, or has them in another form. Use a copy that was made earlier.")
    return content


def load(path: Path) -> FrameModel | FinderModel:
    """The model of a checkpoint, classifier or finder, in evaluation mode.

    Raises ModelError as `read` does, or when the weights do not fit.
    """
    content = read(path)
    spec = ModelSpec.from_json(content["spec"])
    if not (spec.base_model.startswith(TORCHVISION) or timm.is_model(spec.base_model)):  # an address of a hub would be fetched
        raise ModelError(f"{path} is of the backbone {spec.base_model[:80]!r}, which this timm does not have. Update timm.")
    try:
        model = finder_model.rebuild(spec) if spec.task == "find" else classifier_model.rebuild(spec, content["config"])
        model.network.load_state_dict(content["weights"])
    except (RuntimeError, TypeError, AttributeError) as error:
        raise ModelError(f"The weights of {path} do not fit its fact sheet: {str(error).splitlines()[0]}") from error
    return model.eval()


def rewrite_spec(source: Path, target: Path, spec: ModelSpec) -> None:
    """A copy of a checkpoint with another fact sheet. Raises ModelError for an unusable one, or OutputError."""
    content = read(source)
    written = io.BytesIO()
    torch.save({**content, "spec": spec.to_json()}, written)
    write_whole(target, written.getvalue())


def load_body(path: Path, model: FrameModel) -> None:
    """Take the weights of an earlier run for everything but the head. Raises ModelError when they are of another backbone."""
    content = read(path)
    names = head_names(model.network)
    weights = {name: value for name, value in content["weights"].items() if name not in names}
    try:
        result = model.network.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        raise ModelError(f"The weights of {path} do not fit {model.spec.base_model}: {str(error).splitlines()[0]}") from error
    if set(result.missing_keys) != names or result.unexpected_keys:
        raise ModelError(f"{path} is a checkpoint of another backbone than {model.spec.base_model}.")
