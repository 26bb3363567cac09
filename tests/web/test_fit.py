"""The browser's resize and its reader of the fact sheet, run by Node, beside those of the server."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.images import fit
from inference.spec import ModelSpec

WEB = Path(__file__).parents[2] / "web"
CASES = [
    ((97, 61), (32, 32), "pad"),
    ((40, 300), (32, 48), "pad"),
    ((20, 11), (32, 32), "pad"),
    ((64, 96), (32, 48), "squash"),
    ((50, 20), (32, 32), "squash"),
    ((131, 77), (32, 32), "squash"),
    ((33, 33), (32, 32), "crop"),
    ((200, 90), (48, 32), "crop"),
    ((32, 32), (32, 32), "squash"),
    ((1, 1), (32, 32), "pad"),
    ((720, 1280), (192, 192), "pad"),
    ((720, 1280), (224, 224), "pad"),
    ((721, 1283), (48, 32), "pad"),
    ((403, 201), (32, 32), "squash"),
    ((515, 399), (32, 48), "crop"),
    ((96, 96), (32, 32), "pad"),
    ((65, 78), (224, 224), "pad"),
    ((127, 135), (224, 224), "pad"),
    ((7, 5), (224, 224), "squash"),
    ((320, 236), (224, 224), "pad"),
    ((301, 320), (224, 224), "pad"),
    ((100, 300), (224, 224), "squash"),
]


def node(program: str, given: object, tmp_path: Path) -> object:
    """What a program of ours prints as JSON; it finds `given` in `input`."""
    if shutil.which("node") is None:
        pytest.skip("needs Node.js, which is not installed")
    (tmp_path / "input.json").write_text(json.dumps(given))
    script = tmp_path / "program.mjs"
    script.write_text(
        f"import {{ readFileSync }} from 'node:fs';\n"
        f"const input = JSON.parse(readFileSync({json.dumps(str(tmp_path / 'input.json'))}));\n{program}"
    )
    done = subprocess.run(["node", str(script)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_browser_resizes_as_the_server_does(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (*hw, 3), dtype=np.uint8) for hw, _, _ in CASES]
    given = [
        {
            "rgba": base64.b64encode(np.dstack([p, np.full(p.shape[:2], 255, np.uint8)]).tobytes()).decode(),
            "hw": p.shape[:2],
            "size": size,
            "rule": rule,
        }
        for p, (_, size, rule) in zip(pictures, CASES, strict=True)
    ]
    program = f"""
import {{ fit }} from {json.dumps((WEB / "fit.js").as_uri())};
const out = input.map(({{ rgba, hw, size, rule }}) =>
  Buffer.from(fit({{ data: Buffer.from(rgba, "base64"), width: hw[1], height: hw[0] }}, size, rule)).toString("base64"));
console.log(JSON.stringify(out));
"""
    answers = node(program, given, tmp_path)
    assert isinstance(answers, list) and len(answers) == len(CASES)
    for picture, (_, size, rule), answer in zip(pictures, CASES, answers, strict=True):
        expected = fit(picture, size, rule).astype(int)  # type: ignore[arg-type]
        got = np.frombuffer(base64.b64decode(answer), np.uint8).reshape(*size, 3).astype(int)
        differs = np.abs(got - expected)
        shrinks = picture.shape[0] >= size[0] and picture.shape[1] >= size[1]
        assert differs.max() <= shrinks, f"{picture.shape} by {rule}"  # whole numbers are the same on every processor,
        assert (differs > 0).mean() < 0.01, f"{picture.shape} by {rule}"  # sums of areas may be rounded otherwise on another


def test_browser_reads_the_fact_sheet_of_the_file(make_model: Callable[..., Path], tmp_path: Path) -> None:
    path = make_model(class_names=("前", "下", "zzz"), licence="CC-BY-4.0")
    program = f"""
import {{ factSheet }} from {json.dumps((WEB / "metadata.js").as_uri())};
console.log(JSON.stringify(factSheet(new Uint8Array(readFileSync(input)))));
"""
    sheet = ModelSpec.from_json(json.dumps(node(program, str(path), tmp_path)))
    assert sheet.class_names == ("前", "下", "zzz") and sheet.licence == "CC-BY-4.0"


@pytest.mark.parametrize("content", [b"", b"no model at all", bytes([114, 200])])
def test_browser_refuses_a_file_without_fact_sheet(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(content)
    program = f"""
import {{ factSheet }} from {json.dumps((WEB / "metadata.js").as_uri())};
let said = "nothing";
try {{ factSheet(new Uint8Array(readFileSync(input))); }} catch (error) {{ said = error.message; }}
console.log(JSON.stringify(said));
"""
    said = node(program, str(tmp_path / "other.onnx"), tmp_path)
    assert isinstance(said, str) and "model" in said.lower()


def test_both_languages_have_the_same_texts(tmp_path: Path) -> None:
    program = f"""
import {{ TEXTS }} from {json.dumps((WEB / "texts.js").as_uri())};
console.log(JSON.stringify(Object.fromEntries(Object.entries(TEXTS).map(([k, v]) => [k, Object.keys(v).sort()]))));
"""
    keys = node(program, None, tmp_path)
    assert isinstance(keys, dict) and keys["en"] == keys["ja"] and len(keys["en"]) > 10
