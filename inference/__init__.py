"""From a frame to one attitude per student and one summary of the class; numpy, Pillow, OpenCV and ONNX Runtime only.

What is offered here is loaded when it is first asked for: those libraries take seconds.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING

# From 1.29 on ONNX Runtime tells its maker which model files run where, unless this is set before it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

if TYPE_CHECKING:
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

if not TYPE_CHECKING:
    _HOME = {
        "ClassSummary": "summary",
        "Classifier": "classifier",
        "ModelSpec": "spec",
        "Room": "room",
        "Students": "students",
        "TaidoError": "errors",
        "decode": "images",
        "fit": "images",
        "observe": "room",
        "open_students": "students",
        "summarise": "summary",
    }

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
        return found
