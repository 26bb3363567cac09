"""From a frame to one attitude per student and one summary of the class; numpy, Pillow, OpenCV and ONNX Runtime only."""

import os

# From 1.29 on ONNX Runtime tells its maker which model files run where, unless this is set before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

from inference.classifier import Classifier
from inference.errors import TaidoError
from inference.images import decode, fit
from inference.room import Room, observe
from inference.spec import ModelSpec
from inference.students import Students, open_students
from inference.summary import ClassSummary, summarise

__all__ = [
    "ClassSummary",
    "Classifier",
    "ModelSpec",
    "Room",
    "Students",
    "TaidoError",
    "decode",
    "fit",
    "observe",
    "open_students",
    "summarise",
]
