"""The Model page: what the model files say of themselves, where they run, and the model card that lies beside the classifier.

The same facts are the endpoint `/model_info`.
"""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api

from dashboard.charts import card, facts, html, percent, problems, quiet
from dashboard.error_texts import told
from dashboard.model_card import model_card
from dashboard.texts import Language, attitude, language_of, shown, text
from inference import Classifier, TaidoError
from inference.decision import must_say_one
from inference.errors import ModelError
from inference.finder import Finder
from inference.session import finds_students
from inference.speed import Speed, measured
from inference.switching import Switchable, model_files

_RATES = {"accuracy", "balanced_accuracy", "images", "persons"}
_RESEARCH = "evaluation and research only"
_FOUND = {"camera", "ap50", "f1", "interval", "frames", "students"}
"""What the results of one test of a classifier, and of a finder, have in them; others are listed as they are."""


def build(
    classifier: Classifier, finder: Finder | None, demo: gr.Blocks, tab: gr.Tab | None = None, folders: Sequence[Path] = ()
) -> None:
    """Add the page and the endpoint to the surrounding Blocks `demo`.

    `folders`: where other models lie that a `Switchable` classifier may be exchanged for; none where it may not.
    """
    known = choices(folders) if isinstance(classifier, Switchable) else []
    offered, taken = _offered(classifier.now, folders)
    model_card(classifier)  # one that cannot be read is told at the start
    with gr.Row(visible=len(known) > 1):
        chosen = gr.Dropdown(
            offered,
            value=taken,
            label=shown("model_choose"),
            elem_id="model-choose",
        )
        use = gr.Button(str(shown("model_use")), min_width=140, scale=0, elem_id="model-use")
    problem = html(elem_id="model-problem")
    place = html(elem_id="model-facts")
    with gr.Row():
        start = gr.Button(str(shown("model_speed")), elem_id="model-speed-start")
    speed = html(elem_id="model-speed")
    with gr.Accordion(str(shown("model_card")), open=False, elem_id="model-card") as drawer:
        written = gr.Markdown()
    found = "" if finder is None else model_card(finder)
    with gr.Accordion(str(shown("finder_card")), open=False, visible=bool(found), elem_id="finder-card"):
        of_finder = gr.Markdown()

    def fill(request: gr.Request) -> list[Any]:
        model, language = classifier.now, language_of(request)
        written = model_card(model, language)
        offered, taken = _offered(model, folders)
        return [
            gr.update(choices=offered, value=taken), "", show(model, finder, language), "", written,
            gr.update(visible=bool(written)), "" if finder is None else model_card(finder, language),
        ]  # fmt: skip

    def switch(file: str, request: gr.Request) -> list[Any]:
        language = language_of(request)
        try:
            switch_to(classifier, folders, Path(file))
        except TaidoError as error:
            message = problems(told(error, language), language)
            return [gr.update(value=_offered(classifier.now, folders)[1]), message, *[gr.skip()] * 5]
        return fill(request)

    def measure(request: gr.Request) -> str:
        language = language_of(request)
        try:
            return speeds(measured(classifier, finder), classifier.now.provider, language)
        except TaidoError as error:
            return problems(told(error, language), language)

    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    outputs = [chosen, problem, place, speed, written, drawer, of_finder]
    demo.load(fill, None, outputs, **quick)
    if tab is not None:
        tab.select(fill, None, outputs, **quick)
    if known:
        use.click(switch, chosen, outputs, **quick)
    start.click(measure, None, speed, api_visibility="private", show_progress="full", concurrency_limit=1)

    def model_info() -> dict[str, Any]:
        """Everything the model files say of themselves, and the execution provider in use; `finder` is null if there is none."""
        return info(classifier.now, finder)

    api(model_info, api_name="model_info")


def choices(folders: Sequence[Path]) -> list[tuple[str, str]]:
    """Name and path of every model file there that may be a classifier; with the folder where two have one name."""
    files = [path for path in model_files(folders) if not finds_students(path)]
    names = Counter(path.name for path in files)
    return [(path.name if names[path.name] == 1 else f"{path.name} ({path.resolve().parent})", str(path)) for path in files]


def _offered(model: Classifier, folders: Sequence[Path]) -> tuple[list[tuple[str, str]], str]:
    """`choices` and which of them the model is; its name alone where there are no others, so that no path is told."""
    files = choices(folders)
    same = [file for _, file in files if Path(file).resolve() == model.path.resolve()]
    return (files, same[0]) if same else ([(model.path.name, model.path.name), *files], model.path.name)


def switch_to(classifier: Classifier, folders: Sequence[Path], file: Path) -> None:
    """Exchange the model of this program; raises ModelError for what is no such file of `folders`, and the old one stays."""
    if str(file) not in [known for _, known in choices(folders)] or not isinstance(classifier, Switchable):
        raise ModelError(
            f"There is no model file {file.name} any more. Choose another one.", code="model_missing", name=file.name
        )
    new = Classifier(file, provider="cpu")
    must_say_one(new)
    model_card(new)
    classifier.switch(file)


def speeds(speed: Speed, provider: str, language: Language) -> str:
    """What was measured, as a table."""
    rows = [
        (text("speed_one" if count == 1 else "speed_class", language, students=count), _milliseconds(took, language))
        for count, took in speed.students.items()
    ]
    if speed.finding is not None:
        rows.append((text("speed_finding", language), _milliseconds(speed.finding, language)))
    return card(text("speed_title", language), facts(rows) + quiet(text("speed_note", language)), aside=provider.upper())


def _milliseconds(took: float, language: Language) -> str:
    return text("speed_value", language, milliseconds=f"{took:.1f}")


def info(classifier: Classifier, finder: Finder | None = None) -> dict[str, Any]:
    """File name, execution provider and fact sheet of both models, ready for JSON."""
    found = None if finder is None else {**_sheet(finder), "threshold": finder.threshold}
    return {**_sheet(classifier), "finder": found}


def _sheet(model: Classifier | Finder) -> dict[str, Any]:
    return {"file": model.path.name, "provider": model.provider, "spec": dataclasses.asdict(model.spec)}


def show(classifier: Classifier, finder: Finder | None, language: Language) -> str:
    """Facts and measured scores of both models as HTML."""
    titles: list[tuple[str, Classifier | Finder | None]] = [("model_facts", classifier), ("finder_facts", finder)]
    return "".join(
        card(text(title, language), facts(_facts(model, language))) + _measured(model.spec.measured, language)
        for title, model in titles
        if model is not None
    )


def _facts(model: Classifier | Finder, language: Language) -> Iterator[tuple[str, str]]:
    spec = model.spec
    height, width = spec.input_size_hw
    yield text("model_file", language), model.path.name
    yield text("model_base", language), spec.base_model
    if isinstance(model, Finder):
        yield text("finder_threshold", language), f"{model.threshold:.2f}"
    else:
        yield text("model_classes", language), ", ".join(attitude(name, language) for name in spec.class_names)
    yield text("model_input", language), text("model_input_value", language, width=width, height=height)
    yield text("model_fit", language), text(f"model_fit_{spec.fit}", language)
    yield text("model_provider", language), model.provider.upper()
    if spec.licence:
        yield text("model_licence", language), _licence(spec.licence, language)


def _licence(licence: str, language: Language) -> str:
    """That of the bundled weights in the language of the page, any other as it is."""
    return text("licence_research", language) if licence.startswith(_RESEARCH) else licence


def _measured(measured: Mapping[str, Any], language: Language) -> str:
    title = text("model_measured", language)
    if not measured:
        return card(title, quiet(text("model_unmeasured", language)))
    tests = measured.get("tests")
    for needed, rates in ((_RATES, _rates), (_FOUND, _found)):
        if isinstance(tests, list) and tests and all(isinstance(test, Mapping) and needed <= test.keys() for test in tests):
            with suppress(KeyError, TypeError, ValueError, IndexError, AttributeError):  # figures of another form are listed
                rows = [(_name(test, language), rates(test, language)) for test in tests]
                return card(title, facts(rows)) + _variant(measured.get("variant"), language)
    return card(title, facts(flat(measured)))


def _name(test: Mapping[str, Any], language: Language) -> str:
    if test.get("camera"):
        return text("measured_camera", language, camera=test["camera"])
    if test.get("without"):
        return text("measured_persons_without", language, camera=test["without"])
    return text("measured_persons", language)


def _variant(variant: Any, language: Language) -> str:
    """What a smaller variant of a file answers beside that file, whose scores stand above; nothing where it is none."""
    if not isinstance(variant, Mapping):
        return ""
    title, of_finder = text("variant", language, precision=variant["precision"]), "f1_drop" in variant
    prefix = "f1_" if of_finder else ""
    drops = {"gained": variant[f"{prefix}drop"]} | dict(zip(("high", "low"), variant[f"{prefix}drop_interval"], strict=True))
    points = {name: f"{round(-100 * drop, 1) + 0.0:+.1f}" for name, drop in drops.items()}
    counts = {key: variant[key] for key in (("boxes", "lost", "added") if of_finder else ("changed",))}
    key = "variant_finds" if of_finder else "variant_beside"
    said = text(key, language, images=variant["images"], **counts, **points)
    if variant.get("images_that_trained") != 0:
        said += text("variant_seen", language)
    return card(title, quiet(said))


def _found(test: Mapping[str, Any], language: Language) -> str:
    values = {rate: f"{test[rate]:.3f}" for rate in ("ap50", "f1")}
    for rate, interval in test["interval"].items():
        low, high = ("–", "–") if interval is None else (f"{bound:.3f}" for bound in interval)  # of one frame there is none
        values |= {f"{rate}_lo": low, f"{rate}_hi": high}
    return text("measured_found", language, frames=test["frames"], students=test["students"], **values)


def _rates(test: Mapping[str, Any], language: Language) -> str:
    values = {
        f"{rate}_{part}": percent(test[rate][part])
        for rate in ("accuracy", "balanced_accuracy")
        for part in ("value", "lo", "hi")
    }
    key = "measured_alike" if test["persons"] == test["images"] else "measured_rates"
    return text(key, language, images=test["images"], persons=test["persons"], **values)


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
