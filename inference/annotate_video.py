"""Draw the students of a video, followed over time, into a copy that browsers play; heads are pixelated unless told otherwise.

annotate_video(Path("lesson.mp4"), Path("marked/lesson.mp4"), Watcher(classifier, students), classifier.spec.class_names)
"""

import logging
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from tqdm import tqdm

from inference.annotate import annotate_followed
from inference.errors import SourceError
from inference.heads import pixelate_heads
from inference.sources import Frame, Video
from inference.video import VideoWriter
from inference.watching import Look, Watcher

logger = logging.getLogger(__name__)

VIDEO_SUFFIXES = frozenset(
    {".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm", ".wmv"}
)
"""A file that ends in none of these is taken for a picture."""


def annotate_video(
    path: Path,
    target: Path,
    watcher: Watcher,
    class_names: Sequence[str],
    *,
    every: int = 1,
    show_faces: bool = False,
    progress: Callable[[int, Frame], object] | None = None,
    name: str = "",
) -> int:
    """Write `target`, whole or not at all; how many frames were looked at, each `every`-th one of the video.

    `name` is what messages and the log call the video; its own without it.
    `progress` is told after each frame how many are done and which it was, and stops everything by raising; without it a bar on
    stderr tells.
    A video that is cut short is said to be so in the log. Raises SourceError, SeatsError or ImageError for the video, OutputError
    if it cannot be written.
    """
    done, size_wh = 0, (0, 0)
    with ExitStack() as stack:
        video = stack.enter_context(Video(path, every=every))
        video.name = name or video.name
        if progress is None:
            bar = stack.enter_context(tqdm(total=video.length, unit="frame", file=sys.stderr, disable=None))
            progress = lambda done, _: bar.update(done - bar.n)  # noqa: E731
        for frame in filter(None, video.frames()):
            height, width = frame.picture.shape[:2]
            if not done:
                size_wh = width, height
                writer = stack.enter_context(VideoWriter(target, size_wh, video.frames_per_second / every))
            elif size_wh != (width, height):
                seconds = f"{frame.seconds:.1f}"
                raise SourceError(
                    f"The frames change their size at {seconds} s. Cut the video there.", code="video_changes", seconds=seconds
                )
            writer.write(_marked(watcher.look(frame.picture, frame.seconds), class_names, show_faces), frame.seconds)
            done += 1
            progress(done, frame)
        if video.status().message:
            logger.warning("%s", video.status().message)
    return done


def _marked(look: Look, class_names: Sequence[str], show_faces: bool) -> np.ndarray:
    picture = look.picture if show_faces else pixelate_heads(look.picture, look.followed.boxes)
    return annotate_followed(picture, look.followed, class_names)
