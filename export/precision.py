"""A float graph in half precision: half the bytes, the same inputs and outputs.

A CPU computes it by casting, seldom faster; GPUs and the download gain.
"""

import onnx
from onnxruntime.transformers.float16 import convert_float_to_float16
from onnxruntime.transformers.onnx_model import OnnxModel

from inference.spec import OUTPUT_NAME


def half(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with float16 weights; frames stay uint8 and scores float32.

    The activation that makes the scores stays in single precision: its exponential loses the small ones otherwise.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    last = [node.name for node in copy.graph.node if OUTPUT_NAME in node.output]
    converted = convert_float_to_float16(copy, keep_io_types=True, node_block_list=last)
    sorting = OnnxModel(converted)
    sorting.topological_sort()  # the casts stand at the end of the list
    return sorting.model
