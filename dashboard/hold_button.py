"""A button that is held, with mouse, finger or keyboard. Its value says whether it is, and how often it was pressed so far:

hold = hold_button("teach-hold")
camera.stream(take, [camera, hold])  # take(frame, {"held": True, "presses": 3})

Gradio's buttons know clicks only.
"""

import gradio as gr

from dashboard.texts import Language, text

SCRIPT = """
const button = element.querySelector("button");
const release = () => { if (props.value.held) set(false); };
function set(held) {
  props.value = { held, presses: props.value.presses + (held ? 1 : 0) };
  button.setAttribute("aria-pressed", String(held));
}
function name() { button.textContent = props.word; }
button.addEventListener("pointerdown", (event) => {
  event.preventDefault(); button.focus(); button.setPointerCapture(event.pointerId); set(true);
});
for (const end of ["pointerup", "pointercancel", "blur"]) button.addEventListener(end, release);
button.addEventListener("keydown", (event) => {
  if ((event.key === " " || event.key === "Enter") && !event.repeat) { event.preventDefault(); set(true); }
});
button.addEventListener("keyup", (event) => { if (event.key === " " || event.key === "Enter") release(); });
button.addEventListener("contextmenu", (event) => event.preventDefault());
watch("word", name);
name();
"""


def hold_button(elem_id: str) -> gr.HTML:
    """The button; `word` is updated to the language of the browser by `named`."""
    return gr.HTML(
        {"held": False, "presses": 0},
        html_template='<button type="button" class="taido-hold" aria-pressed="false"></button>',
        js_on_load=SCRIPT,
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes=["taido"],
        word=text("teach_hold", "en"),
    )


def named(language: Language) -> object:
    """An update in that language."""
    return gr.update(word=text("teach_hold", language))


def is_held(value: object) -> bool:
    """At the moment of the frame."""
    return isinstance(value, dict) and value.get("held") is True


def presses(value: object) -> int:
    """How often so far; a press that is over before the next frame still takes one."""
    count = value.get("presses") if isinstance(value, dict) else 0
    return count if isinstance(count, int) else 0
