import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from inference.errors import OutputError
from inference.sources import open_source
from inference.video import VideoWriter

pytestmark = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")


def picture(grey: int, size_wh: tuple[int, int] = (64, 48)) -> np.ndarray:
    return np.full((size_wh[1], size_wh[0], 3), grey, np.uint8)


def write_all(video: VideoWriter, pictures: list[np.ndarray]) -> None:
    for i, shown in enumerate(pictures):
        video.write(shown, i / 10)


def greys(path: Path) -> list[int]:
    return [round(float(frame.picture.mean())) for frame in open_source(str(path)).frames() if frame is not None]


def test_a_video_is_h264_in_the_pixel_format_that_browsers_play_with_its_index_first(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoWriter(path, (64, 48), 10) as video:
        for i in range(5):
            video.write(picture(40 * i), i / 10)
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,pix_fmt", "-of", "csv=p=0", path],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert told == "h264,yuv420p"
    content = path.read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")
    np.testing.assert_allclose(greys(path), [0, 40, 80, 120, 160], atol=4)


def test_pictures_of_a_variable_rate_come_at_their_times(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoWriter(path, (64, 48), 10) as video:
        for grey, seconds in ((20, 5.0), (100, 5.1), (110, 5.11), (200, 5.4)):
            video.write(picture(grey), seconds)
    np.testing.assert_allclose(greys(path), [20, 100, 100, 100, 200], atol=4)


def test_jump_of_the_time_stamps_is_a_pause_of_ten_seconds_and_the_film_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoWriter(path, (64, 48), 10) as video:
        for grey, seconds in ((20, 0.0), (40, 0.1), (100, 100.0), (120, 100.1), (160, 100.4), (220, 300.0), (240, 300.1)):
            video.write(picture(grey), seconds)
    expected = [20, *[40] * 101, 100, *[120] * 3, *[160] * 101, 220, 240]
    np.testing.assert_allclose(greys(path), expected, atol=4)


def test_an_odd_size_loses_a_row_and_a_column(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    with VideoWriter(path, (65, 49), 10) as video:
        video.write(picture(9, (65, 49)), 0.0)
    (frame,) = open_source(str(path)).frames()
    assert frame is not None and frame.picture.shape == (48, 64, 3)


def test_after_an_error_there_is_no_file_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    path.write_bytes(b"the one before")
    with pytest.raises(ValueError, match="expected"), VideoWriter(path, (64, 48), 10) as video:
        write_all(video, [picture(0), picture(0, (32, 32))])
    assert path.read_bytes() == b"the one before"
    assert [p.name for p in tmp_path.iterdir()] == ["v.mp4"]


def test_a_disk_without_room_is_an_error_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VideoWriter, "_command", lambda self, program: [program, "-v", "error", "-i", "pipe:0", "/dev/full"])
    with pytest.raises(OutputError, match="Cannot write"), VideoWriter(tmp_path / "v.mp4", (64, 48), 10) as video:
        write_all(video, [picture(0)] * 200)
    assert list(tmp_path.iterdir()) == []


def test_without_ffmpeg_the_message_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(OutputError, match="apt-get install ffmpeg"):
        VideoWriter(tmp_path / "v.mp4", (64, 48), 10)


def test_a_picture_of_another_size_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected \(48, 64, 3\)"), VideoWriter(tmp_path / "v.mp4", (64, 48), 10) as video:
        video.write(picture(0, (32, 32)), 0.0)


def test_no_picture_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No frame"), VideoWriter(tmp_path / "v.mp4", (64, 48), 10):
        pass
    assert list(tmp_path.iterdir()) == []
