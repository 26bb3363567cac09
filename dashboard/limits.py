"""How much one person and all together may ask of the app: `HOME` on a machine of one's own, `STRANGERS` on a public Space.

Everything beyond a limit is refused with a sentence in the visitor's language (`dashboard/gate.py`), never dropped in silence.
"""

from dataclasses import dataclass

from inference.limits import limits

_PROCESS = limits()
"""What TAIDO_LIMITS sets holds for the pages too."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Sizes in megabytes are millions of bytes."""

    photos: int = _PROCESS.photographs
    """Photographs that are shown at once."""
    photo_megabytes: float = _PROCESS.photograph_bytes / 1e6
    video_megabytes: float = _PROCESS.video_bytes / 1e6
    """Of one recording; also what is taken at most of any upload."""
    video_hours: float = _PROCESS.video_hours
    uploads_megabytes: float = 20_000
    """All uploads of everybody that lie on the disk at the same time."""
    request_megabytes: float = _PROCESS.request_bytes / 1e6
    """Of one request that is no upload: a frame of a webcam, or a picture written in base64."""
    webcams: int = 12
    """Webcams of browsers at the same time."""
    waiting: int = _PROCESS.waiting_calls
    """Requests of everybody that wait for their turn."""
    waiting_per_person: int = 24
    """Requests of one page or program that wait or are worked on; a page that is being loaded has about ten."""
    keep_seconds: int = 3000
    """Uploads are deleted when they are older than this, if the page is still open then."""
    clean_every_seconds: int = 300
    """How often it is looked for old ones; the page promises that none is older than an hour."""

    @property
    def largest_upload_bytes(self) -> int:
        """Of one file, whatever it is."""
        return int(1e6 * max(self.photo_megabytes, self.video_megabytes))

    @property
    def shown(self) -> dict[str, object]:
        """Values for the braces of the strings of the pages."""
        return {
            "files": self.photos,
            "size": f"{self.photo_megabytes:g} MB",
            "video_size": f"{self.video_megabytes / 1000:g} GB"
            if self.video_megabytes >= 1000
            else f"{self.video_megabytes:g} MB",
            "video_hours": f"{self.video_hours:g}",
        }


HOME = Limits()
STRANGERS = Limits(
    photos=min(HOME.photos, 30),
    photo_megabytes=min(HOME.photo_megabytes, 20),
    video_megabytes=min(HOME.video_megabytes, 100),
    video_hours=min(HOME.video_hours, 0.25),
    uploads_megabytes=2000,
    request_megabytes=min(HOME.request_megabytes, 30),
    webcams=4,
    waiting=min(HOME.waiting, 40),
    waiting_per_person=16,
    keep_seconds=900,
)
"""A free Space has two cores, 16 GB of memory and a disk that others also need. TAIDO_LIMITS makes them smaller, never larger."""
