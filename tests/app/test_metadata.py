"""No served picture carries what an upload said beside its pixels."""

import io
import zipfile

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from .test_embeddings import addresses

MARK = "leak-7f3a"
XMP = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><who>{MARK}</who></x:xmpmeta>'.encode()
GPS, ARTIST, USER_COMMENT = 0x8825, 0x013B, 0x9286
SAID = {"exif", "xmp", "XML:com.adobe.xmp", "icc_profile", "comment", "photoshop", "Comment"}


def poisoned(png, kind):
    """Return a picture that says where, by whom and with what it was taken, all of it the mark."""
    exif = Image.Exif()
    exif[ARTIST] = MARK
    exif[USER_COMMENT] = MARK
    exif.get_ifd(GPS).update({1: "N", 2: (39.0, 1.0, 0.0), 29: MARK})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + MARK.encode()
    with Image.open(io.BytesIO(png)) as picture:
        out = io.BytesIO()
        options = {"exif": exif.tobytes(), "icc_profile": profile}
        if kind == "PNG":
            text = PngImagePlugin.PngInfo()
            text.add_text("Comment", MARK)
            text.add_itxt("XML:com.adobe.xmp", XMP.decode())
            options["pnginfo"] = text
        elif kind == "JPEG":
            options.update({"xmp": XMP, "comment": MARK.encode(), "quality": 95})
        else:
            options.update({"xmp": XMP, "lossless": True})
        picture.save(out, kind, **options)
    content = out.getvalue() + (b"" if kind == "PNG" else MARK.encode())
    assert MARK.encode() in content
    return content


@pytest.mark.sqlite_alone
def test_no_served_picture_says_more_than_its_pixels(client, worker, upload, make):
    upload({f"{kind}.img": poisoned(make(faces=1), kind) for kind in ("PNG", "JPEG", "WEBP")})
    figure = client.post("/api/v1/figures", json={"name": "Kim", "role": "leader"}).json()
    given = [("files", ("a.png", poisoned(make(faces=1), "PNG")))]
    assert client.post(f"/api/v1/figures/{figure['id']}/references", files=given).is_success
    worker.drain()
    tiles = ["/api/v1/iiif/2/0,0,64,64/32,/0/default.jpg", "/api/v1/iiif/2/full/max/0/default.png"]
    widths = [f"/api/v1/pages/{n}/image?width=160" for n in (1, 2, 3)]
    kinds = set()
    for address in [*addresses(client), *tiles, *widths]:
        answer = client.get(address)
        assert answer.status_code in {200, 404}, (address, answer.text)
        for name, content in contents(answer):
            assert MARK.encode() not in content, (address, name)
            if says := said(content):
                kinds.add(says[0])
                assert says[1] == set(), (address, name)
    assert kinds >= {"JPEG", "PNG"}


def contents(answer):
    """Return what an answer holds, the files of a ZIP each for itself."""
    if answer.headers["content-type"] != "application/zip":
        return [("", answer.content)]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return [(name, archive.read(name)) for name in archive.namelist()]


def said(content):
    """Return the format of a picture and which metadata it carries; None for what is none."""
    try:
        picture = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
    except (OSError, ImportError):  # ultralytics, once it is loaded, asks for a package of HEIF
        return None
    with picture:
        picture.load()
        tags = {f"exif {tag}" for tag in picture.getexif()}
        return str(picture.format), (SAID & picture.info.keys()) | tags


def test_what_a_picture_says_would_be_noticed(make):
    for kind in ("PNG", "JPEG", "WEBP"):
        found = said(poisoned(make(), kind))
        assert found
        assert found[0] == kind
        assert {"exif", "icc_profile"} <= found[1]
