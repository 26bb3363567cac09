"""Measurements; the last line of each is one JSON document."""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before ONNX Runtime is loaded, see `inference`
