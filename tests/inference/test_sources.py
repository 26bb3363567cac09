import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.errors import SourceError
from inference.output import write_picture
from inference.sources import Frame, Source, Video, open_source

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")


def make_video(path: Path, count: int, size_wh: tuple[int, int] = (96, 64), rate: float = 10.0) -> Path:
    """Frame i is red with a green of 10 i."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, size_wh)
    for i in range(count):
        writer.write(np.full((size_wh[1], size_wh[0], 3), (0, 10 * i, 200), np.uint8))
    writer.release()
    return path


def taken(source: Source) -> list[Frame]:
    with source:
        return [frame for frame in source.frames() if frame is not None]


def test_a_picture_is_one_frame(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.png", np.full((20, 30, 3), 7, np.uint8))
    source = open_source(str(tmp_path / "a.png"))
    (frame,) = taken(source)
    assert (source.length, source.live, source.name) == (1, False, "a.png")
    assert frame.picture.shape == (20, 30, 3) and (frame.seconds, frame.number) == (0.0, 0)


def test_a_folder_gives_its_pictures_by_name_a_second_each(tmp_path: Path) -> None:
    for i, name in enumerate(("b/3.png", "a/2.png", "a/1.png")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        write_picture(tmp_path / name, np.full((9, 9, 3), i, np.uint8))
    frames = taken(open_source(str(tmp_path)))
    assert [int(frame.picture[0, 0, 0]) for frame in frames] == [2, 1, 0]
    assert [frame.seconds for frame in frames] == [0.0, 1.0, 2.0]


def test_a_broken_picture_of_a_folder_is_named_and_the_others_come(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_picture(tmp_path / "a.png", np.zeros((9, 9, 3), np.uint8))
    (tmp_path / "b.jpg").write_bytes(b"no picture")
    source = open_source(str(tmp_path))
    assert len(taken(source)) == 1
    assert "b.jpg" in caplog.text
    assert source.status().skipped == 1


def test_a_photograph_of_a_phone_in_a_folder_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_picture(tmp_path / "a.png", np.zeros((9, 9, 3), np.uint8))
    (tmp_path / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    assert len(taken(open_source(str(tmp_path)))) == 1
    assert "IMG_1.HEIC is not a picture that can be read. Use JPEG" in caplog.text


def test_a_video_gives_every_frame_with_its_time_in_rgb(tmp_path: Path) -> None:
    source = open_source(str(make_video(tmp_path / "v.mp4", 12)))
    frames = taken(source)
    assert source.length == len(frames) == 12
    np.testing.assert_allclose([frame.seconds for frame in frames], np.arange(12) / 10, atol=0.011)
    red, green, _ = frames[5].picture.mean(axis=(0, 1))
    assert red > 150 and abs(green - 50) < 15


def test_every_third_frame_keeps_numbers_and_times(tmp_path: Path) -> None:
    source = open_source(str(make_video(tmp_path / "v.mp4", 10)), every=3)
    frames = taken(source)
    assert [frame.number for frame in frames] == [0, 3, 6, 9]
    np.testing.assert_allclose([frame.seconds for frame in frames], [0, 0.3, 0.6, 0.9], atol=0.011)
    status = source.status()
    assert (source.length, status.grabbed, status.taken, status.skipped) == (4, 10, 4, 6)


@needs_ffmpeg
def test_a_rotated_video_comes_upright(tmp_path: Path) -> None:
    lying = make_video(tmp_path / "lying.mp4", 3, (96, 64))
    turned = tmp_path / "turned.mp4"
    quarter = ["-metadata:s:v", "rotate=90"]  # understood by ffmpeg before 6, the option before -i by those from 6 on
    command = ["ffmpeg", "-v", "error", "-i", str(lying), "-c", "copy", *quarter, "-y", str(turned)]
    subprocess.run(command, check=True)
    if "rotation" not in subprocess.run(["ffprobe", "-show_streams", turned], capture_output=True, text=True, check=True).stdout:
        subprocess.run([*command[:3], "-display_rotation", "90", *command[3:]], check=True)
    assert taken(open_source(str(turned)))[0].picture.shape == (96, 64, 3)


@needs_ffmpeg
def test_a_video_of_variable_rate_has_the_times_of_its_stamps(tmp_path: Path) -> None:
    even = make_video(tmp_path / "even.mp4", 8)
    uneven = tmp_path / "uneven.mkv"
    stamps = "setpts='if(lt(N,4),N*0.1,0.4+(N-4)*0.5)/TB'"
    subprocess.run(["ffmpeg", "-v", "error", "-i", even, "-vf", stamps, "-fps_mode", "vfr", uneven], check=True)
    source = open_source(str(uneven))
    seconds = [frame.seconds for frame in taken(source)]
    assert source.status().message == "", "it has fewer frames than its length and highest rate make, and is whole"
    np.testing.assert_allclose(seconds, [0, 0.1, 0.2, 0.3, 0.4, 0.9, 1.4, 1.9], atol=0.06)


def test_a_truncated_video_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    whole = tmp_path / "whole.avi"
    writer = cv2.VideoWriter(str(whole), cv2.VideoWriter.fourcc(*"MJPG"), 10, (96, 64))
    for i in range(30):
        writer.write(np.random.default_rng(i).integers(0, 255, (64, 96, 3), dtype=np.uint8))
    writer.release()
    part = tmp_path / "part.avi"
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    source = open_source(str(part))
    frames = taken(source)
    assert 5 < len(frames) < 25
    assert "cut short or damaged: it says that it has 3 seconds" in source.status().message


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"hello, this is text", "not a video"), (b"", "not a video")],
)
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes, message: str, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "v.mp4").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        open_source(str(tmp_path / "v.mp4"))
    assert capfd.readouterr().out == ""


def test_a_video_with_enormous_frames_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video(tmp_path / "wall.avi", 1)
    monkeypatch.setattr("inference.sources.MAX_PIXELS", 96 * 64)
    open_source(str(path)).close()
    monkeypatch.setattr("inference.sources.MAX_PIXELS", 96 * 64 - 1)
    with pytest.raises(SourceError, match="have 96 x 64 pixels; at most 6,143 pixels are read"):
        open_source(str(path))


@needs_ffmpeg
def test_a_video_without_frames_is_refused(tmp_path: Path) -> None:
    sound = tmp_path / "sound.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "anullsrc", "-t", "1", sound], check=True)
    with pytest.raises(SourceError, match=r"not a video|no frame"):
        taken(open_source(str(sound)))


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nowhere.mp4", "no file or folder"),
        ("ftp://camera/stream", "rtsp"),
        ("97", "no camera 97"),
        ("rtsp://anna:s3cret@[fe80", "address of the stream is none"),
    ],
)
def test_a_place_that_is_none_is_refused_with_advice(place: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as refused:
        open_source(place)
    assert "s3cret" not in str(refused.value)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Found 0 pictures"):
        open_source(str(tmp_path))


def test_every_must_be_from_one(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="from 1"):
        open_source(str(tmp_path), every=0)


def test_a_closed_source_ends(tmp_path: Path) -> None:
    source = open_source(str(make_video(tmp_path / "v.mp4", 10)))
    frames = source.frames()
    next(frames)
    source.close()
    assert list(frames) == []


@pytest.mark.parametrize("begun", [0, 1])
def test_a_closed_video_lets_go_of_its_file(tmp_path: Path, begun: int) -> None:
    video = Video(make_video(tmp_path / "v.mp4", 10))
    frames = video.frames()
    for _ in range(begun):
        next(frames)
    video.close()
    assert not video._capture.isOpened()
    video.close()
    assert list(frames) == []


def test_times_never_fall_where_the_stamps_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stamps = [0.0, 0.1, 0.5, 0.2, 0.3, 0.6]
    monkeypatch.setattr(Video, "_time", lambda video, number: stamps[number])
    frames = taken(open_source(str(make_video(tmp_path / "v.mp4", 6))))
    assert [frame.seconds for frame in frames] == [0.0, 0.1, 0.5, 0.5, 0.5, 0.6]
