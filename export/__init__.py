"""From a checkpoint to one verified, self-describing ONNX file."""
