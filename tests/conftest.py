"""What all tests share: a tiny but complete model and finder, built without torch, and photographs made on the fly.

The tiny model's class is the colour of the picture, so a test can say what must come out: `make_photo("a.png", "red")`
is classified as `red`. Its class names and its size are not the product's own, which proves that neither is built in.
The tiny finder finds squares of a bright colour: a dark picture with a red and a blue square is a room with two students.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from inference.spec import BOXES_NAME, INPUT_NAME, METADATA_KEY, OUTPUT_NAME, ModelSpec

TINY_SPEC = ModelSpec(
    class_names=("red", "green", "blue"),
    input_size_hw=(32, 32),
    fit="pad",
    mean_rgb=(0.5, 0.5, 0.5),
    std_rgb=(0.5, 0.5, 0.5),
    base_model="mean-colour",
    licence="Apache-2.0",
)

FINDER_SPEC = ModelSpec(
    task="find",
    class_names=("student",),
    input_size_hw=(32, 48),
    fit="pad",
    mean_rgb=(0.0, 0.0, 0.0),
    std_rgb=(1.0, 1.0, 1.0),
    base_model="bright-cells",
    activation="sigmoid",
    thresholds=(0.6,),
    licence="Apache-2.0",
)

MakeModel = Callable[..., Path]
MakePhoto = Callable[..., Path]
MakeRoom = Callable[..., Path]


def colour_graph(spec: ModelSpec, batch: str | int = "N", dtype: int = TensorProto.UINT8) -> onnx.ModelProto:
    """Class i scores by the mean of channel i (of R, G, B); a fourth class by darkness. Frames in, softmax out."""
    directions = np.array([[2, -1, -1], [-1, 2, -1], [-1, -1, 2], [-1, -1, -1]], np.float32).T[:, : len(spec.class_names)]
    nodes = [
        helper.make_node("Cast", [INPUT_NAME], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["pixels"], ["means"], axes=[1, 2], keepdims=0),
        helper.make_node("MatMul", ["means", "directions"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [OUTPUT_NAME], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "mean-colour",
        [helper.make_tensor_value_info(INPUT_NAME, dtype, [batch, *spec.input_size_hw, 3])],
        [helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, [batch, len(spec.class_names)])],
        [numpy_helper.from_array(directions / 60, "directions")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


def bright_cells_graph(spec: ModelSpec, cell: int = 4, grow: int = 0, batch: str | int = "N") -> onnx.ModelProto:
    """One box per cell of `cell` x `cell` pixels, `grow` wider on every side; its score is the cell's brightest channel."""
    height, width = spec.input_size_hw
    rows, columns = height // cell, width // cell
    y, x = (side.ravel() * cell for side in np.mgrid[:rows, :columns])
    boxes = np.stack([x - grow, y - grow, x + cell + grow, y + cell + grow], axis=1).astype(np.float32)
    constants = {
        "places": boxes,
        "white": np.array(255, np.float32),
        "flat": np.array([-1, len(boxes)]),
        "count": np.array([len(boxes)]),
    }
    nodes = [
        helper.make_node("Cast", [INPUT_NAME], ["pixels"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["pixels"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("AveragePool", ["planes"], ["cells"], kernel_shape=[cell, cell], strides=[cell, cell]),
        helper.make_node("ReduceMax", ["cells"], ["brightest"], axes=[1], keepdims=0),
        helper.make_node("Reshape", ["brightest", "flat"], ["row"]),
        helper.make_node("Div", ["row", "white"], ["every"]),
        helper.make_node("TopK", ["every", "count"], [OUTPUT_NAME, "order"]),
        helper.make_node("Gather", ["places", "order"], [BOXES_NAME]),
    ]
    graph = helper.make_graph(
        nodes,
        "bright-cells",
        [helper.make_tensor_value_info(INPUT_NAME, TensorProto.UINT8, [batch, height, width, 3])],
        [
            helper.make_tensor_value_info(BOXES_NAME, TensorProto.FLOAT, [batch, len(boxes), 4]),
            helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, [batch, len(boxes)]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=10)


@pytest.fixture(scope="session")
def tiny_spec() -> ModelSpec:
    """The fact sheet of `tiny_model`."""
    return TINY_SPEC


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """`make_model(graph_spec=..., metadata=..., **facts)`: the path of a new model file.

    `facts` change the fact sheet; `graph_spec` makes the graph from another fact sheet than the file carries;
    `metadata` is the text carried instead of the fact sheet, None for none; `batch` is the first dimension.
    """

    def make(*, graph_spec: ModelSpec | None = None, metadata: str | None = "", batch: str | int = "N", **facts: Any) -> Path:
        spec = TINY_SPEC.replace(**facts)
        model = colour_graph(graph_spec or spec, batch)
        if metadata is not None:
            helper.set_model_props(model, {METADATA_KEY: metadata or spec.to_json()})
        path = tmp_path_factory.mktemp("model") / "tiny.onnx"
        onnx.save(model, path)
        return path

    return make


@pytest.fixture(scope="session")
def tiny_model(make_model: MakeModel) -> Path:
    """A valid model file: frames of 32 x 32, classes `red`, `green` and `blue`, any batch."""
    return make_model()


@pytest.fixture(scope="session")
def make_finder(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """`make_finder(cell=4, grow=0, **facts)`: the path of a new finder file, see `bright_cells_graph`; `facts` as in
    `make_model`."""

    def make(*, cell: int = 4, grow: int = 0, batch: str | int = "N", **facts: Any) -> Path:
        spec = FINDER_SPEC.replace(**facts)
        model = bright_cells_graph(spec, cell, grow, batch)
        helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
        path = tmp_path_factory.mktemp("finder") / "tiny-finder.onnx"
        onnx.save(model, path)
        return path

    return make


@pytest.fixture(scope="session")
def tiny_finder(make_finder: MakeModel) -> Path:
    """A valid finder file: frames of 32 x 48, cells of 4 x 4 pixels, threshold 0.6."""
    return make_finder()


@pytest.fixture
def make_photo(tmp_path: Path) -> MakePhoto:
    """`make_photo("folder/a.jpg", "red", (width, height))`: a picture of one colour below `tmp_path`."""

    def make(name: str, colour: str | tuple[int, ...] = "red", size: tuple[int, int] = (48, 40), **options: Any) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, colour).save(path, **options)
        return path

    return make


@pytest.fixture
def make_room(tmp_path: Path) -> MakeRoom:
    """`make_room("a.png", {(x0, y0, x1, y1): "red"}, (width, height))`: a dark picture with coloured rectangles.

    In a picture of 96 x 64 pixels a rectangle whose sides lie on multiples of 8 is one cell of `tiny_finder` per 8 x 8.
    """

    def make(name: str, students: dict[tuple[int, int, int, int], str], size: tuple[int, int] = (96, 64)) -> Path:
        picture = Image.new("RGB", size, "black")
        for box, colour in students.items():
            picture.paste(Image.new("RGB", (box[2] - box[0], box[3] - box[1]), colour), box)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)
        return path

    return make


@pytest.fixture
def photo_folder(tmp_path: Path, make_photo: MakePhoto) -> Path:
    """A folder `lesson` with `first.png` (red), `back/second.jpg` (lime green) and `back/row/third.webp` (blue)."""
    make_photo("lesson/first.png", "red")
    make_photo("lesson/back/second.jpg", "lime")
    make_photo("lesson/back/row/third.webp", "blue")
    return tmp_path / "lesson"
