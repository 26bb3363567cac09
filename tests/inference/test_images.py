"""Any picture in: every good kind comes out as upright 8-bit RGB, every bad one as an ImageError that says what to do."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from inference.errors import DataError, ImageError
from inference.images import MAX_PIXELS, decode, find_images, fit

RED = (255, 0, 0)


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A grey 8-bit PNG with whatever `pixels`, already compressed, the caller wants."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def zeros(megabytes: int) -> bytes:
    """A zlib stream of that many MiB of zeros, made by repeating one compressed block that refers to no other."""
    compressor = zlib.compressobj(wbits=-15)
    block = compressor.compress(bytes(1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH)
    checksum = (megabytes << 20) % 65_521 << 16 | 1  # Adler-32 of zeros
    return b"\x78\x9c" + block * megabytes + compressor.flush() + struct.pack(">I", checksum)


# --- good pictures of every kind


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"])
def test_decode_reads_every_format_that_is_announced(kind: str) -> None:
    image = decode(encoded(Image.new("RGB", (20, 10), RED), kind))
    assert image.shape == (10, 20, 3)
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    np.testing.assert_allclose(image.reshape(-1, 3).mean(axis=0), RED, atol=5)


def test_decode_takes_bytes_and_a_path_alike(tmp_path: Path) -> None:
    data = encoded(Image.new("RGB", (20, 10), RED))
    path = tmp_path / "a.png"
    path.write_bytes(data)
    np.testing.assert_array_equal(decode(data), decode(path))
    np.testing.assert_array_equal(decode(data), decode(str(path)))


def test_cmyk_jpeg_becomes_rgb() -> None:
    image = decode(encoded(Image.new("CMYK", (20, 10), (0, 255, 255, 0)), "JPEG"))
    np.testing.assert_allclose(image.reshape(-1, 3).mean(axis=0), RED, atol=5)


def test_grey_becomes_three_equal_channels() -> None:
    image = decode(encoded(Image.new("L", (20, 10), 77)))
    assert (image == 77).all()
    assert image.shape == (10, 20, 3)


def test_black_and_white_is_black_and_white() -> None:
    assert (decode(encoded(Image.new("1", (20, 10), 1))) == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bit_grey_is_scaled_and_not_cut_off(kind: str) -> None:
    levels = np.array([[0, 257, 12_850, 32_896, 60_000, 65_535]], np.uint16)
    image = decode(encoded(Image.fromarray(levels), kind))
    assert image[0, :, 0].tolist() == [0, 1, 50, 128, 233, 255]


def test_sixteen_bit_colour_is_scaled(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), np.full((4, 4, 3), (0, 25_700, 65_535), np.uint16))  # blue, green, red
    assert decode(path)[0, 0].tolist() == [255, 100, 0]


def test_transparent_pixels_lie_on_white() -> None:
    picture = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    picture.putpixel((1, 0), (255, 0, 0, 0))
    assert decode(encoded(picture))[0].tolist() == [[255, 0, 0], [255, 255, 255]]


def test_palette_is_looked_up() -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([0, 0, 0, 10, 20, 30])
    picture.putpixel((1, 0), 1)
    assert decode(encoded(picture))[0].tolist() == [[0, 0, 0], [10, 20, 30]]


def test_palette_with_transparency_lies_on_white() -> None:
    picture = Image.new("P", (2, 1))
    picture.putpalette([0, 0, 0, 10, 20, 30])
    picture.putpixel((1, 0), 1)
    assert decode(encoded(picture, transparency=0))[0].tolist() == [[255, 255, 255], [10, 20, 30]]


def test_animated_gif_gives_its_first_frame() -> None:
    first, second = Image.new("RGB", (8, 8), RED), Image.new("RGB", (8, 8), "blue")
    image = decode(encoded(first, "GIF", save_all=True, append_images=[second]))
    assert image.shape == (8, 8, 3)
    assert (image == RED).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_rotated_picture_comes_out_upright(orientation: int) -> None:
    upright = np.zeros((16, 32, 3), np.uint8)
    upright[:8, :8] = RED  # the mark at the top left
    # How a camera stores the upright picture under each EXIF orientation (Exif 2.32, tag 0x0112).
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    np.testing.assert_array_equal(decode(encoded(Image.fromarray(stored[orientation].copy()), exif=exif)), upright)


# --- bad pictures


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", r"empty \(0 bytes\).*again"),
        (b"these are the minutes of the meeting\n" * 40, "not a picture.*Use JPEG"),
        (b"\xff\xd8\xff\xe0", "not a picture|damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture"),
    ],
)
def test_what_is_no_picture_is_refused_with_advice(data: bytes, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        decode(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_truncated_picture_is_refused(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(ImageError, match=r"damaged or cut short|not a picture"):
        decode(data[: len(data) // 2])


def test_damaged_bytes_raise_nothing_but_image_errors() -> None:
    rng = np.random.default_rng(0)
    noise = Image.fromarray(rng.integers(0, 256, (24, 24, 3), np.uint8))
    for kind in ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF"):
        whole = np.frombuffer(encoded(noise, kind), np.uint8)
        for _ in range(60):
            data = whole.copy()
            data[rng.integers(0, min(len(data), 200), 3)] = rng.integers(0, 256, 3)
            try:
                assert decode(data.tobytes()).shape[2] == 3
            except ImageError:
                continue


def test_the_bomb_below_is_a_real_one() -> None:
    assert np.array(Image.open(io.BytesIO(png(1024, 4096, zeros(5))))).shape == (4096, 1024)


def test_png_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = png(30_000, 30_000, zeros(859))  # 900 MB of pixels in less than 1 MB
    assert len(bomb) < 1_000_000
    with pytest.raises(ImageError, match=r"pixels.*smaller"):
        decode(bomb)


def test_picture_just_over_the_limit_is_refused_with_both_numbers() -> None:
    with pytest.raises(ImageError, match="8901 x 10000 pixels; at most 89 million"):
        decode(png(8901, 10_000, b""))
    assert MAX_PIXELS == 89_000_000


def test_picture_at_the_limit_is_read() -> None:
    data = encoded(Image.new("L", (10, 10)))
    assert decode(data, max_pixels=100).shape == (10, 10, 3)
    with pytest.raises(ImageError, match="10 x 10 pixels"):
        decode(data, max_pixels=99)


def test_floating_point_pixels_are_refused() -> None:
    with pytest.raises(ImageError, match="8-bit"):
        decode(encoded(Image.new("F", (4, 4), 0.5), "TIFF"))


def test_missing_file_is_an_image_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.jpg cannot be read"):
        decode(tmp_path / "gone.jpg")


def test_message_calls_the_picture_by_the_name_given(tmp_path: Path) -> None:
    path = tmp_path / "upload-7f3a.jpg"
    path.write_bytes(b"")
    with pytest.raises(ImageError, match=r"^lesson\.jpg is empty"):
        decode(path, name="lesson.jpg")


# --- folders


def test_find_images_goes_deep_and_names_relative_to_the_folder(photo_folder: Path) -> None:
    names = [name for name, _ in find_images(photo_folder)]
    assert names == ["back/row/third.webp", "back/second.jpg", "first.png"]


def test_find_images_passes_over_hidden_files_and_other_files(photo_folder: Path) -> None:
    (photo_folder / "notes.txt").write_text("no picture")
    (photo_folder / "._first.png").write_bytes(b"")
    (photo_folder / ".cache").mkdir()
    (photo_folder / ".cache" / "thumb.png").write_bytes(b"")
    (photo_folder / "folder.png").mkdir()
    assert len(list(find_images(photo_folder))) == 3


def test_find_images_takes_upper_case_suffixes(photo_folder: Path) -> None:
    (photo_folder / "first.png").rename(photo_folder / "FIRST.PNG")
    assert "FIRST.PNG" in [name for name, _ in find_images(photo_folder)]


def test_find_images_follows_links_to_folders(photo_folder: Path, make_photo: Callable[..., Path], tmp_path: Path) -> None:
    make_photo("elsewhere/deep/fourth.png")
    (photo_folder / "back" / "link").symlink_to(tmp_path / "elsewhere")
    names = [name for name, _ in find_images(photo_folder)]
    assert names == ["back/link/deep/fourth.png", "back/row/third.webp", "back/second.jpg", "first.png"]


def test_find_images_searches_no_folder_twice_and_keeps_the_names_of_its_own(photo_folder: Path, tmp_path: Path) -> None:
    (photo_folder / "again").symlink_to(photo_folder / "back")
    (photo_folder / "back" / "up").symlink_to(photo_folder)
    (tmp_path / "photos").symlink_to(photo_folder)
    names = ["back/row/third.webp", "back/second.jpg", "first.png"]
    assert [name for name, _ in find_images(photo_folder)] == names
    assert [name for name, _ in find_images(tmp_path / "photos")] == names


def test_find_images_gives_links_that_lead_nowhere(photo_folder: Path) -> None:
    for name in ("gone.jpg", "gone", "notes.txt", ".hidden"):
        (photo_folder / name).symlink_to("nowhere")
    (photo_folder / "round").symlink_to("round")
    given = dict(find_images(photo_folder))
    assert sorted(given) == ["back/row/third.webp", "back/second.jpg", "first.png", "gone", "gone.jpg", "round"]
    for name in ("gone", "gone.jpg", "round"):
        with pytest.raises(ImageError, match=f"{name} cannot be read: "):
            decode(given[name], name=name)


def test_find_images_gives_a_folder_that_cannot_be_listed(photo_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may = Path.iterdir

    def listed(folder: Path) -> Iterator[Path]:
        if folder.name == "row":
            raise PermissionError(13, "Permission denied")
        return may(folder)

    monkeypatch.setattr(Path, "iterdir", listed)
    given = dict(find_images(photo_folder))
    assert list(given) == ["back/row", "back/second.jpg", "first.png"]
    with pytest.raises(ImageError, match="back/row cannot be read: "):
        decode(given["back/row"], name="back/row")
    with pytest.raises(DataError, match="row cannot be opened"):
        list(find_images(photo_folder / "back" / "row"))


def test_find_images_of_a_file_is_the_file(photo_folder: Path) -> None:
    assert list(find_images(photo_folder / "first.png")) == [("first.png", photo_folder / "first.png")]


def test_empty_folder_is_an_error_that_names_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"0 pictures.*\.jpg"):
        list(find_images(tmp_path))


def test_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        list(find_images(tmp_path / "nowhere"))


def test_large_jpeg_may_come_smaller_and_gives_nearly_the_same_frame(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    picture = Image.fromarray(rng.integers(0, 256, (150, 200, 3), dtype=np.uint8)).resize((1600, 1200), Image.Resampling.BICUBIC)
    picture.save(tmp_path / "large.jpg", quality=90)
    whole, less = decode(tmp_path / "large.jpg"), decode(tmp_path / "large.jpg", least_side=384)
    assert whole.shape == (1200, 1600, 3)
    assert less.shape == (600, 800, 3)
    difference = np.abs(fit(whole, (192, 192), "pad").astype(int) - fit(less, (192, 192), "pad"))
    assert difference.mean() < 2 and difference.max() < 30


def test_small_jpeg_and_other_formats_come_whole(tmp_path: Path) -> None:
    Image.new("RGB", (500, 700)).save(tmp_path / "small.jpg")
    Image.new("RGB", (1600, 1600)).save(tmp_path / "large.png")
    assert decode(tmp_path / "small.jpg", least_side=384).shape == (700, 500, 3)
    assert decode(tmp_path / "large.png", least_side=384).shape == (1600, 1600, 3)


def test_turned_jpeg_comes_smaller_and_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    Image.new("RGB", (1600, 1200), "red").save(tmp_path / "turned.jpg", exif=exif)
    assert decode(tmp_path / "turned.jpg", least_side=300).shape == (400, 300, 3)


@pytest.mark.parametrize("image_hw", [(768, 1024), (96, 96), (99, 99), (721, 1283), (1023, 103), (95, 400)])
def test_far_too_large_picture_is_fitted_nearly_as_by_areas(image_hw: tuple[int, int]) -> None:
    """Of odd sides up to two thirds of a pixel of the frame are lost at the far edges."""
    rng = np.random.default_rng(0)
    image = cv2.resize(rng.integers(0, 256, (3, 3, 3), dtype=np.uint8), image_hw[::-1], interpolation=cv2.INTER_LINEAR)
    by_areas = cv2.resize(image, (32, 32), interpolation=cv2.INTER_AREA).astype(int)
    difference = np.abs(fit(image, (32, 32), "squash") - by_areas)
    assert difference.max() <= 8 and difference.mean() <= 2
