"""The Model page: what the model file says of itself, where it runs, and the model card that lies beside it.

The same facts are the endpoint `/model_info`.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr
from gradio.events import api

from dashboard.charts import card, facts, html, percent, quiet
from dashboard.texts import Language, attitude, language_of, shown, text
from inference import Classifier, TaidoError

CARD_NAME = "README.md"


def build(classifier: Classifier, demo: gr.Blocks) -> None:
    """Add the page and the endpoint to the surrounding Blocks `demo`."""
    place = html(elem_id="model-facts")

    def fill(request: gr.Request) -> str:
        return show(classifier, language_of(request))

    demo.load(fill, None, place, api_visibility="private", show_progress="hidden")
    written = model_card(classifier)
    if written:
        with gr.Accordion(shown("model_card"), open=False, elem_id="model-card"):
            gr.Markdown(written)

    def model_info() -> dict[str, Any]:
        """Everything the model file says of itself, and the execution provider in use."""
        return info(classifier)

    api(model_info, api_name="model_info")


def info(classifier: Classifier) -> dict[str, Any]:
    """File name, execution provider and fact sheet, ready for JSON."""
    return {"file": classifier.path.name, "provider": classifier.provider, "spec": dataclasses.asdict(classifier.spec)}


def show(classifier: Classifier, language: Language) -> str:
    """Facts and measured scores as HTML."""
    sheet = card(text("model_facts", language), facts(_facts(classifier, language)))
    return sheet + _measured(classifier.spec.measured, language)


def _facts(classifier: Classifier, language: Language) -> Iterator[tuple[str, str]]:
    spec = classifier.spec
    height, width = spec.input_size_hw
    yield text("model_file", language), classifier.path.name
    yield text("model_base", language), spec.base_model
    yield text("model_classes", language), ", ".join(attitude(name, language) for name in spec.class_names)
    yield text("model_input", language), text("model_input_value", language, width=width, height=height)
    yield text("model_fit", language), text(f"model_fit_{spec.fit}", language)
    yield text("model_provider", language), classifier.provider.upper()
    if spec.licence:
        yield text("model_licence", language), spec.licence


def _measured(measured: Mapping[str, Any], language: Language) -> str:
    title = text("model_measured", language)
    if not measured:
        return card(title, quiet(text("model_unmeasured", language)))
    if "tests" in measured:
        return card(title, facts((_name(test, language), _rates(test, language)) for test in measured["tests"]))
    return card(title, facts(flat(measured)))


def _name(test: Mapping[str, Any], language: Language) -> str:
    if test.get("camera"):
        return text("measured_camera", language, camera=test["camera"])
    if test.get("without"):
        return text("measured_persons_without", language, camera=test["without"])
    return text("measured_persons", language)


def _rates(test: Mapping[str, Any], language: Language) -> str:
    values = {
        f"{rate}_{part}": percent(test[rate][part])
        for rate in ("accuracy", "balanced_accuracy")
        for part in ("value", "lo", "hi")
    }
    return text("measured_rates", language, images=test["images"], persons=test["persons"], **values)


def flat(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Nested results as lines: `{"test": {"accuracy": 0.91}}` -> `("test, accuracy", "0.91")`."""
    for key, value in values.items():
        name = f"{above}, {key}" if above else str(key)
        if isinstance(value, Mapping):
            yield from flat(value, name)
        else:
            yield name, _written(value)


def _written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return str(value)


def model_card(classifier: Classifier) -> str:
    """The Markdown file beside the model, or nothing. Its front matter and pictures go: no page of ours asks another host."""
    path = classifier.path.with_name(CARD_NAME)
    if not path.is_file():
        return ""
    try:
        written = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TaidoError(f"The model card {path} cannot be read ({error}). Repair it or move it away.") from error
    written = re.sub(r"\A---\n.*?\n---\n", "", written, flags=re.DOTALL)
    written = re.sub(r"!\[([^\]]*)\]\([^)]*\)", r"\1", written)
    return re.sub(r"<img\b[^>]*>", "", written, flags=re.IGNORECASE)
