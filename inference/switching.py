"""`Switchable`: a classifier whose model can be exchanged while the program runs; who is at work finishes with the old one.

classifier = Switchable("models/attitude.onnx", provider="auto")
classifier.switch("models/mine.onnx")  # raises as `Classifier` does, and the old model stays
model = classifier.now  # one model for a whole piece of work: its class names and its scores belong together
"""

from collections.abc import Iterable
from pathlib import Path

from inference.classifier import Classifier


class Switchable(Classifier):
    """Answers with the model of the moment."""

    def __init__(self, model: str | Path, *, provider: str = "auto", threads: int = 0) -> None:
        self._wanted, self._threads = provider, threads
        self.switch(model)

    @property
    def now(self) -> Classifier:
        """The model of the moment, which stays as it is."""
        return self._now

    def switch(self, model: str | Path) -> None:
        """From now on the model of that file. Raises ModelError or ProviderError, and then nothing has changed."""
        new = Classifier(model, provider=self._wanted, threads=self._threads)
        self._now = new
        self.path, self.spec, self._session, self._batch = new.path, new.spec, new.session, new.batch


def model_files(folders: Iterable[Path]) -> list[Path]:
    """All ONNX files there, by name; whether one is a classifier shows when it is opened."""
    found = {path.resolve(): path for folder in folders if folder.is_dir() for path in folder.glob("*.onnx")}
    return sorted(found.values(), key=lambda path: path.name)
