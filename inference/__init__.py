"""From a frame to one attitude per student and one summary of the class; numpy, Pillow, OpenCV and ONNX Runtime only."""

from inference.classifier import Classifier
from inference.errors import TaidoError
from inference.images import decode, fit
from inference.spec import ModelSpec
from inference.summary import ClassSummary, summarise

__all__ = ["ClassSummary", "Classifier", "ModelSpec", "TaidoError", "decode", "fit", "summarise"]
