"""From a checkpoint to one verified, self-describing ONNX file."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before ONNX Runtime is loaded, see `inference`
