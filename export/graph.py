"""A checkpoint's network as one ONNX file: uint8 frames in, scores (a finder: boxes too) out, the fact sheet in the metadata."""

import logging
import warnings

import onnx
import torch

from inference.spec import BOXES_NAME, INPUT_NAME, METADATA_KEY, OUTPUT_NAME
from training.finder_model import FinderModel
from training.model import FrameModel

OPSET = 18
CONTRACTS = {
    "classify": ([OUTPUT_NAME], "frames (N, H, W, 3) uint8 RGB -> scores (N, C) float32"),
    "find": (
        [BOXES_NAME, OUTPUT_NAME],
        "frames (N, H, W, 3) uint8 RGB -> boxes (N, K, 4) float32 x0, y0, x1, y1 in pixels of the frame, scores (N, K) float32",
    ),
}
"""Per task, the names of the outputs and the sentence that the file carries."""


def to_onnx(model: FrameModel | FinderModel) -> onnx.ModelProto:
    """Trace the model in evaluation mode, its batch dimension dynamic, all weights inside."""
    height, width = model.spec.input_size_hw
    example = torch.zeros((2, height, width, 3), dtype=torch.uint8)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's deprecation notes about its own internals
        program = torch.onnx.export(
            model.eval(),
            (example,),
            input_names=[INPUT_NAME],
            output_names=CONTRACTS[model.spec.task][0],
            dynamic_shapes={"frames": {0: torch.export.Dim("N", min=1)}},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned nothing")
    return _described(program.model_proto, model)


def _described(graph: onnx.ModelProto, model: FrameModel | FinderModel) -> onnx.ModelProto:
    graph.producer_name = "taido"
    graph.doc_string = CONTRACTS[model.spec.task][1]
    del graph.metadata_props[:]
    onnx.helper.set_model_props(graph, {METADATA_KEY: model.spec.to_json()})
    for node in graph.graph.node:  # the exporter's notes name files of the machine it ran on
        node.doc_string = ""
        del node.metadata_props[:]
    for value in graph.graph.value_info:
        del value.metadata_props[:]
    onnx.checker.check_model(graph)
    return graph
