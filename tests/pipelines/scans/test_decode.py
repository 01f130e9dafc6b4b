import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import Limits, PageSource, RejectReason, ScanRejected

DPI = 72


def encoded(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def png(size, rows, *, depth, colour):
    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def refused(sandbox, path, frame=0):
    with pytest.raises(ScanRejected) as caught:
        sandbox.decode(path, frame, "page.jpg", pdf_dpi=DPI)
    assert str(path.parent) not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {}), ("JPEG", "RGB", {"progressive": True}), ("JPEG", "CMYK", {}),
        ("PNG", "RGB", {}), ("PNG", "P", {}), ("PNG", "RGBA", {}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}), ("TIFF", "RGB", {"compression": "jpeg"}),
        ("TIFF", "CMYK", {}), ("TIFF", "YCbCr", {}),
        ("TIFF", "RGBA", {"compression": "tiff_adobe_deflate"}), ("TIFF", "P", {}),
        ("TIFF", "RGB", {"big_tiff": True}), ("WEBP", "RGB", {}),
        ("WEBP", "RGBA", {"lossless": True}), ("JPEG2000", "RGB", {}),
        ("JPEG2000", "RGB", {"no_jp2": True}),
        ("MPO", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (64, 48))]}),
        ("WEBP", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (64, 48))]}),
        ("PNG", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (64, 48))]}),
    ],
)  # fmt: skip
def test_colours_survive(sandbox, save, picture, corners, kind, mode, options):
    stored = picture.quantize(8) if mode == "P" else picture.convert(mode)
    page = sandbox.decode(save(encoded(stored, kind, **options)), 0, "page", pdf_dpi=DPI)
    assert page.shape == (48, 64, 3)
    assert page.dtype == np.uint8
    np.testing.assert_allclose(corners(page), corners(np.asarray(picture)), atol=6)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("PNG", "L"), ("PNG", "LA"), ("TIFF", "L"), ("TIFF", "LA"), ("JPEG2000", "L")],
)
def test_grey_becomes_three_equal_channels(sandbox, save, picture, corners, kind, mode):
    page = sandbox.decode(save(encoded(picture.convert(mode), kind)), 0, "page", pdf_dpi=DPI)
    expected = np.asarray(picture.convert("L").convert("RGB"))
    np.testing.assert_allclose(corners(page), corners(expected), atol=3)


@pytest.mark.parametrize(
    ("kind", "options"), [("PNG", {}), ("TIFF", {}), ("TIFF", {"compression": "group4"})]
)
def test_one_bit_becomes_black_and_white(sandbox, save, kind, options):
    stripes = np.zeros((16, 16), bool)
    stripes[:, 8:] = True
    page = sandbox.decode(
        save(encoded(Image.fromarray(stripes), kind, **options)), 0, "p", pdf_dpi=DPI
    )
    np.testing.assert_array_equal(page[..., 0], stripes * 255)


def with_transparent_colour():
    picture = Image.new("P", (8, 8), 1)
    picture.putpalette([0, 0, 0, 250, 0, 0])
    picture.paste(0, (0, 0, 4, 8))
    return picture


def with_alpha(mode):
    picture = Image.new("RGBA", (8, 8), (250, 0, 0, 255))
    picture.paste((0, 0, 0, 0), (0, 0, 4, 8))
    return picture.convert(mode)


@pytest.mark.parametrize(
    ("content", "opaque"),
    [
        (encoded(with_transparent_colour(), "PNG", transparency=0), (250, 0, 0)),
        (encoded(with_alpha("RGBA"), "PNG"), (250, 0, 0)),
        (encoded(with_alpha("LA"), "PNG"), (75, 75, 75)),
        (encoded(with_alpha("RGBA"), "TIFF"), (250, 0, 0)),
        (encoded(with_alpha("RGBA"), "WEBP", lossless=True), (250, 0, 0)),
        (encoded(with_alpha("RGBA"), "JPEG2000"), (250, 0, 0)),
        (encoded(with_alpha("RGB"), "PNG", transparency=(0, 0, 0)), (250, 0, 0)),
    ],
)
def test_what_is_transparent_becomes_white_paper(sandbox, save, content, opaque):
    page = sandbox.decode(save(content), 0, "page", pdf_dpi=DPI)
    np.testing.assert_allclose(page[4, 1], (255, 255, 255), atol=1)
    np.testing.assert_allclose(page[4, 6], opaque, atol=1)


RAMP = np.linspace(0, 65535, 256).round().astype(np.uint16).reshape(16, 16)


def packed_12_bits(values):
    pairs = values.reshape(-1, 2).astype(int)
    return b"".join(bytes((a >> 4, (a & 15) << 4 | b >> 8, b & 255)) for a, b in pairs.tolist())


def test_more_than_eight_bits_are_scaled_not_clipped(sandbox, save, tiff):
    big_endian = RAMP.astype(">u2")
    grey_rows = b"".join(b"\0" + row.tobytes() for row in big_endian)
    colour_rows = b"".join(b"\0" + np.repeat(row, 3).tobytes() for row in big_endian)
    cases = {
        "PNG": png((16, 16), grey_rows, depth=16, colour=0),
        "PNG, colour": png((16, 16), colour_rows, depth=16, colour=2),
        "TIFF": encoded(Image.fromarray(RAMP), "TIFF"),
        "JPEG 2000": encoded(Image.fromarray(RAMP), "JPEG2000"),
        "TIFF, white is zero": tiff(
            (16, 16), (65535 - RAMP).tobytes(), bits=16, white_is_zero=True
        ),
        "TIFF, 12 bits": tiff((16, 16), packed_12_bits(RAMP >> 4), bits=12),
        "TIFF, 32 bits": encoded(Image.fromarray(RAMP.astype(np.int32)), "TIFF"),
        "TIFF, floats to 1": encoded(Image.fromarray((RAMP / 65535).astype(np.float32)), "TIFF"),
        "TIFF, floats to 255": encoded(Image.fromarray((RAMP / 257).astype(np.float32)), "TIFF"),
    }
    expected = np.arange(256).reshape(16, 16)
    for name, content in cases.items():
        page = sandbox.decode(save(content), 0, name, pdf_dpi=DPI)
        np.testing.assert_allclose(page[..., 1], expected, atol=1, err_msg=name)


def test_floats_that_are_no_numbers_become_black(sandbox, save):
    values = np.full((8, 8), np.nan, np.float32)
    page = sandbox.decode(save(encoded(Image.fromarray(values), "TIFF")), 0, "page", pdf_dpi=DPI)
    assert page.max() == 0


TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", TURNED)
def test_pages_come_upright(sandbox, save, picture, corners, kind, orientation):
    turn = TURNED[orientation]
    stored = picture if turn is None else picture.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    page = sandbox.decode(save(encoded(stored, kind, exif=exif.tobytes())), 0, "page", pdf_dpi=DPI)
    assert page.shape == (48, 64, 3)
    np.testing.assert_allclose(corners(page), corners(np.asarray(picture)), atol=6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_page_of_many_strips_is_turned_as_a_whole(sandbox, save, orientation):
    slope = np.add.outer(np.arange(1100), np.arange(700)) // 8
    upright = Image.fromarray(slope.astype(np.uint8))
    turn = TURNED[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright if turn is None else upright.transpose(turn)
    page = sandbox.decode(save(encoded(stored, "PNG", exif=exif)), 0, "page", pdf_dpi=DPI)
    np.testing.assert_array_equal(page[..., 0], np.asarray(upright))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"optimize": True, "quality": 1}),
        ("JPEG", {"progressive": True, "quality": 1}), ("PNG", {"compress_level": 9}),
        ("TIFF", {"compression": None}), ("TIFF", {"compression": "packbits"}),
        ("TIFF", {"compression": "tiff_lzw"}), ("TIFF", {"compression": "tiff_adobe_deflate"}),
        ("WEBP", {"lossless": True}), ("JPEG2000", {}),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_the_shortest_files_are_long_enough_for_their_pixels(sandbox, save, kind, mode, options):
    blank = encoded(Image.new(mode, (2000, 1000)), kind, **options)
    assert sandbox.decode(save(blank), 0, "page", pdf_dpi=DPI).shape == (1000, 2000, 3)


@pytest.mark.parametrize("exif", [b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM", b"Exif\0\0"])
def test_broken_metadata_don_t_cost_the_page(sandbox, save, picture, exif):
    path = save(encoded(picture, "JPEG", exif=exif))
    assert sandbox.decode(path, 0, "page", pdf_dpi=DPI).shape == (48, 64, 3)


def test_frames_of_a_tiff_are_pages_but_thumbnails_are_not(sandbox, save, tmp_path):
    frames = [Image.new("RGB", (20, 10), colour) for colour in ("red", "lime", "blue")]
    thumbnail = Image.new("RGB", (4, 2), "red")
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    rest = [thumbnail, *frames[1:]]
    path = save(encoded(frames[0], "TIFF", save_all=True, append_images=rest))
    pages = sandbox.unpack(path, "edition.tif", tmp_path)
    assert pages == [
        PageSource(path, 0, "edition.tif#1"),
        PageSource(path, 2, "edition.tif#2"),
        PageSource(path, 3, "edition.tif#3"),
    ]
    second = sandbox.decode(path, 2, "edition.tif#2", pdf_dpi=DPI)
    np.testing.assert_array_equal(second[5, 5], (0, 255, 0))


def test_a_tiff_whose_frames_form_a_ring_has_an_end(sandbox, save, tiff, tmp_path):
    path = save(tiff((4, 4), bytes(16), bits=8, loop=True))
    assert sandbox.unpack(path, "ring.tif", tmp_path) == [PageSource(path, 0, "ring.tif")]


@pytest.mark.parametrize("dpi", [72, 144])
def test_pdf_pages_are_drawn_at_the_dpi(sandbox, save, pdf, tmp_path, dpi):
    path = save(pdf([(144, 72), (72, 216)]))
    pages = sandbox.unpack(path, "edition.pdf", tmp_path)
    assert pages == [PageSource(path, 0, "edition.pdf#1"), PageSource(path, 1, "edition.pdf#2")]
    page = sandbox.decode(path, 1, "edition.pdf#2", pdf_dpi=dpi)
    assert page.shape == (3 * dpi, dpi, 3)
    np.testing.assert_array_equal(page[dpi, dpi // 4], (255, 0, 0))
    np.testing.assert_array_equal(page[dpi, 3 * dpi // 4], (255, 255, 255))


def test_a_file_of_one_page_lends_it_its_name(sandbox, save, pdf, tmp_path):
    path = save(pdf([(72, 72)]))
    assert sandbox.unpack(path, "front.pdf", tmp_path) == [PageSource(path, 0, "front.pdf")]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "JPEG2000"])
def test_half_a_file_is_refused(sandbox, save, kind):
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    rejection = refused(sandbox, save(content[: len(content) // 2]))
    assert rejection.reason is RejectReason.CORRUPT


def test_a_truncated_jpeg_is_refused_in_words(sandbox, save, picture):
    content = encoded(picture.resize((640, 480)), "JPEG")
    rejection = refused(sandbox, save(content[: len(content) // 2]))
    assert str(rejection) == "page.jpg: the file ends before the picture does (corrupt)"


def test_a_header_alone_is_refused_in_words(sandbox, save):
    rejection = refused(sandbox, save(b"\x89PNG\r\n\x1a\n and then nothing of the kind"))
    assert rejection.reason is RejectReason.CORRUPT
    assert rejection.detail == "the file starts like a PNG, but the rest of it can't be read"


def bombs(tiff, pdf):
    jpeg = bytearray(encoded(Image.new("L", (8, 8)), "JPEG"))
    at = jpeg.index(b"\xff\xc0") + 5
    jpeg[at : at + 4] = struct.pack(">HH", 65500, 65500)
    webp = b"VP8X" + struct.pack("<II", 10, 0) + b"\xfe\x3f\0" * 2
    return {
        "PNG of one colour": png((20000, 20000), bytes(20001) * 20000, depth=8, colour=0),
        "long PNG": png((30000, 1), bytes(30001), depth=8, colour=0),
        "JPEG": bytes(jpeg),
        "WebP": b"RIFF" + struct.pack("<I", 4 + len(webp)) + b"WEBP" + webp,
        "TIFF": tiff((20000, 10000), b"", bits=8),
        "PDF": pdf([(14400, 14400)]),
    }


def test_bombs_are_refused_before_their_pixels_are_made(sandbox, save, tiff, pdf):
    for name, content in bombs(tiff, pdf).items():
        rejection = refused(sandbox, save(content))
        assert rejection.reason is RejectReason.TOO_MANY_PIXELS, name
        assert "150 megapixels" in rejection.detail


@pytest.mark.parametrize(("side", "fits"), [(99, True), (100, True), (101, False)])
def test_the_limit_of_pixels_is_exact(save, side, fits):
    path = save(encoded(Image.new("L", (side, 100)), "PNG"))
    with Sandbox(Limits(pixels=10_000)) as small:
        if fits:
            assert small.decode(path, 0, "page", pdf_dpi=DPI).shape == (100, side, 3)
        else:
            assert refused(small, path).reason is RejectReason.TOO_MANY_PIXELS


@pytest.mark.parametrize(("side", "fits"), [(99, True), (100, True), (101, False)])
def test_the_limit_of_a_side_is_exact(save, side, fits):
    with Sandbox(Limits(side=100)) as small:
        for size in ((side, 2), (2, side)):
            path = save(encoded(Image.new("L", size), "PNG"))
            if fits:
                assert small.decode(path, 0, "page", pdf_dpi=DPI).shape == (*size[::-1], 3)
            else:
                assert refused(small, path).reason is RejectReason.TOO_MANY_PIXELS


@pytest.mark.parametrize(("count", "fits"), [(63, True), (64, True), (65, False)])
def test_the_limit_of_pages_is_exact(sandbox, save, pdf, tmp_path, count, fits):
    blank = Image.new("L", (2, 2))
    more = [blank] * (count - 1)
    for content in (
        pdf([(9, 9)] * count),
        encoded(blank, "TIFF", save_all=True, append_images=more),
    ):
        pages = sandbox.unpack(save(content), "edition", tmp_path)
        if fits:
            assert len(pages) == count
        else:
            (rejection,) = pages
            assert isinstance(rejection, ScanRejected)
            assert rejection.reason is RejectReason.TOO_MANY_PAGES


def test_a_locked_pdf_is_refused(sandbox, save, pdf, tmp_path):
    path = save(pdf([(72, 72)], locked=True))
    (rejection,) = sandbox.unpack(path, "locked.pdf", tmp_path)
    assert isinstance(rejection, ScanRejected)
    assert str(rejection) == "locked.pdf: the PDF is locked with a password (encrypted)"
    assert refused(sandbox, path).reason is RejectReason.ENCRYPTED


def test_a_broken_pdf_is_refused(sandbox, save, tmp_path):
    path = save(b"%PDF-1.7\nnothing else")
    (rejection,) = sandbox.unpack(path, "broken.pdf", tmp_path)
    assert isinstance(rejection, ScanRejected)
    assert rejection.reason is RejectReason.CORRUPT


@pytest.mark.parametrize("frame", [1, 99])
def test_a_page_that_is_not_there_is_refused(sandbox, save, pdf, picture, frame):
    for content in (pdf([(72, 72)]), encoded(picture, "TIFF")):
        assert refused(sandbox, save(content), frame).reason is RejectReason.CORRUPT


def test_colours_that_are_not_read_are_named(sandbox, save, picture):
    rejection = refused(sandbox, save(encoded(Image.new("LAB", picture.size), "TIFF")))
    assert rejection.reason is RejectReason.UNKNOWN_FORMAT
    assert "CIE L*a*b*" in rejection.detail
