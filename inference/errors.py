"""Every error that a user, a file or a device can cause.

    TaidoError
    ├── ImageError      a picture that cannot be read, or must not be (too large)
    ├── DataError       a folder of pictures that cannot be used as it is
    ├── SeatsError      a file of seats or masks that is damaged, or made for another camera
    ├── SourceError     a camera, stream or video that cannot be opened or has nothing to show
    ├── RecordError     a file of recorded lessons that cannot be used
    ├── ModelError      a model or checkpoint file that is missing, damaged or not ours
    ├── ProviderError   the device asked for is not there
    ├── OutputError     a result that could not be written
    └── AccessError     the app would be open to people whom it must not be open to

The message says what was expected, what came and what to do next; the command line prints it without a traceback.
Where a page may show the error, `code` and `values` name its kind and its particulars, for another language.
"""

from typing import Self


class Message(str):
    """A sentence of ours that also knows its kind, for another language; to everybody else it is the English text."""

    code: str
    values: dict[str, object]

    def __new__(cls, message: str, *, code: str = "", **values: object) -> Self:
        """`values`: what the message says of this case, by name."""
        made = super().__new__(cls, message)
        made.code, made.values = code, values
        return made


class TaidoError(Exception):
    """Base of all errors that are not bugs of this program."""

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        """The kind of the error, such as `image_empty`; empty where only the message tells it."""
        self.values = values
        """What the message says of this case, by name."""

    @property
    def message(self) -> Message:
        """The sentence, for where an error is shown that is not raised."""
        return Message(str(self), code=self.code, **self.values)


class ImageError(TaidoError):
    """A picture that cannot be read, or that is larger than the limits allow."""


class DataError(TaidoError):
    """A folder of pictures, or its manifest, that cannot be used as it is."""


class SeatsError(TaidoError):
    """A file of seats that cannot be used as it is, or that was made for frames of other proportions."""


class SourceError(TaidoError):
    """A camera, stream or video that cannot be opened, or has nothing to show."""


class RecordError(TaidoError):
    """A file of recorded lessons that is damaged, locked, not ours or from a newer version."""


class ModelError(TaidoError):
    """A model or checkpoint file that is missing, damaged, not ours, or at odds with itself."""


class ProviderError(TaidoError):
    """The execution provider asked for is not installed or does not start."""


class OutputError(TaidoError):
    """A result that could not be written where it was asked for."""


class AccessError(TaidoError):
    """Settings with which people could open the app, or have it do what they must not."""
