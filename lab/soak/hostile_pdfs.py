"""PDFs that are made to harm: small files whose pages would take hours to draw, or gigabytes.

Each kind has one idea, and chance chooses how far it goes; the same chance makes the same PDFs.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from random import Random

from presslens.app.drill.hostile_scans import pdf
from presslens.app.drill.mutated_scans import ScanSeed

_OWN = 5
"""The first number of an object that is a kind's own: catalogue, tree, page and its drawing come
before."""


def hostile_pdfs(count: int, chance: Random) -> Iterator[ScanSeed]:
    """Yield PDFs of all kinds in turn."""
    for number in range(count):
        make = _KINDS[number % len(_KINDS)]
        yield ScanSeed(f"{number}: {make.__name__.strip('_')}", make(chance))


def _stream(content: str, entries: str = "") -> str:
    return f"<< {entries} /Length {len(content)} >>\nstream\n{content}\nendstream"


def _packed(content: bytes, times: int = 1, entries: str = "") -> str:
    """Return a stream that is deflated so many times."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    return _stream(content.decode("latin-1"), f"/Filter [{' /FlateDecode' * times}] {entries}")


def _form(content: str, resources: str = "", entries: str = "") -> str:
    kind = "/Type /XObject /Subtype /Form /BBox [0 0 72 72]"
    return _stream(content, f"{kind} /Resources << {resources} >> {entries}")


def _page(
    drawing: str, resources: str = "", objects: Sequence[str] = (), entries: str = "", box: str = ""
) -> bytes:
    """Return a PDF of one page; ``drawing`` is a text, or a whole stream."""
    content = drawing if drawing.endswith("endstream") else _stream(drawing)
    sides = f"/MediaBox [{box or '0 0 72 72'}] /Resources << {resources} >>"
    page = f"<< /Type /Page /Parent 2 0 R {sides} /Contents 4 0 R {entries} >>"
    root = "<< /Type /Catalog /Pages 2 0 R >>"
    tree = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf([root, tree, page, content, *objects])


def _forms(count: int) -> str:
    return "/XObject << " + " ".join(f"/F{n} {_OWN + n} 0 R" for n in range(count)) + " >>"


def _form_that_calls_itself(chance: Random) -> bytes:
    calls = "/F0 Do " * chance.choice((1, 2, 3, 10, 30))
    return _page("/F0 Do", _forms(1), [_form(f"0 0 9 9 re f {calls}", _forms(1))])


def _forms_that_call_one_another(chance: Random) -> bytes:
    count = chance.choice((2, 3, 10, 50))
    calls = [f"/F{(n + 1) % count} Do " * chance.choice((2, 5, 20)) for n in range(count)]
    return _page(
        "/F0 Do", _forms(count), [_form(f"1 1 9 9 re S {c}", _forms(count)) for c in calls]
    )


def _forms_of_forms(chance: Random) -> bytes:
    """Ten times the same form in a form, and so on: ten milliards of squares in 2 kB."""
    levels, calls = chance.choice(((10, 10), (5, 10), (25, 2), (4, 40), (7, 7)))
    inner = [_form(f"/F{n} Do " * calls, _forms(levels + 1)) for n in range(1, levels + 1)]
    return _page("/F0 Do", _forms(levels + 1), [*inner, _form("0 0 9 9 re f")])


def _saved_states(chance: Random) -> bytes:
    times = chance.choice((10_000, 100_000, 2_000_000))
    return _page(_packed(b"q 1 0 0 1 .1 0 cm " * times + b"0 0 9 9 re f"))


def _many_paths(chance: Random) -> bytes:
    path = chance.choice((b"0 0 m 72 72 l S ", b"0 0 72 72 re f ", b"1 2 m 3 4 5 6 7 8 c B "))
    return _page(_packed(path * chance.choice((50_000, 500_000, 3_000_000))))


def _one_long_path(chance: Random) -> bytes:
    step = chance.choice((b"%d 70 l 2 1 l ", b"%d 1 9 9 70 70 c "))
    path = b"".join(step % (n % 72) for n in range(chance.choice((20_000, 400_000))))
    return _page(_packed(b"0 0 m " + path + chance.choice((b"f*", b"S", b"W n 0 0 72 72 re f"))))


def _many_clips(chance: Random) -> bytes:
    clip = chance.choice(
        (b"0 0 70 70 re W n ", b"0 0 m 70 70 l 9 70 l W* n ", b"q 1 1 9 9 re W n ")
    )
    return _page(_packed(clip * chance.choice((5_000, 300_000)) + b"0 0 72 72 re f"))


def _dashes(chance: Random) -> bytes:
    """A line of so many dashes that they don't count."""
    length = chance.choice(("1e-5", "0.00001", "1e-9", "0.001"))
    lines = "0 0 m 72 72 l S " * chance.choice((1, 100, 3000))
    return _page(f"[{length} {length}] 0 d 0.01 w {lines}")


def _pattern(content: str, resources: str, step: float) -> str:
    head = f"/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 {step:g} {step:g}]"
    return _stream(content, f"{head} /XStep {step:g} /YStep {step:g} /Resources << {resources} >>")


def _patterns_of_patterns(chance: Random) -> bytes:
    count = chance.choice((1, 2, 5, 12))
    named = "/Pattern << " + " ".join(f"/P{n} {_OWN + n} 0 R" for n in range(count)) + " >>"
    step = chance.choice((0.01, 1, 60))
    calls = [
        f"/Pattern cs /P{(n + 1) % count} scn 0 0 72 72 re f " * chance.choice((1, 10))
        for n in range(count)
    ]
    drawing = "/Pattern cs /P0 scn 0 0 72 72 re f"
    return _page(drawing, named, [_pattern(call, named, step) for call in calls])


def _tiny_tiles(chance: Random) -> bytes:
    named = "/Pattern << /P0 5 0 R >>"
    step = chance.choice((0.001, 1e-6, 0.02))
    drawing = "/Pattern cs /P0 scn 0 0 72 72 re f " * chance.choice((1, 50))
    return _page(drawing, named, [_pattern("0 0 1 1 re f", "", step)])


def _glyphs_of_glyphs(chance: Random) -> bytes:
    """A font whose glyphs are drawings that show its own text."""
    font = (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 9 9] /FontMatrix [.1 0 0 .1 0 0]"
        " /CharProcs << /a 6 0 R >> /Encoding << /Differences [97 /a] >> /FirstChar 97"
        " /LastChar 97 /Widths [9] /Resources << /Font << /T 5 0 R >> /XObject << /F 7 0 R >> >> >>"
    )
    text = "a" * chance.choice((10, 1000))
    call = chance.choice((f"BT /T 9 Tf ({text}) Tj ET", "/F Do " * 20))
    glyph = _stream(f"9 0 d0 0 0 9 9 re f {call}")
    inner = _form(f"BT /T 9 Tf ({text}) Tj ET", "/Font << /T 5 0 R >>")
    return _page(f"BT /T 9 Tf ({text}) Tj ET", "/Font << /T 5 0 R >>", [font, glyph, inner])


def _long_text(chance: Random) -> bytes:
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    times, size = chance.choice(((1000, 9), (20_000, 9), (2000, 5000), (300, 100_000)))
    text = b"BT /T %d Tf 0 0 Td (" % size + b"W" * 100 + b") Tj ET "
    return _page(_packed(text * times), "/Font << /T 5 0 R >>", [font])


def _masks_of_masks(chance: Random) -> bytes:
    count = chance.choice((1, 3, 12))
    states = " ".join(
        f"/G{n} << /SMask << /S /Luminosity /G {_OWN + n} 0 R >> >>" for n in range(count)
    )
    named = f"/ExtGState << {states} >>"
    group = "/Group << /S /Transparency /CS /DeviceRGB >>"
    masks = [
        _form(f"/G{(n + 1) % count} gs 0 0 72 72 re f " * chance.choice((1, 10)), named, group)
        for n in range(count)
    ]
    return _page("/G0 gs 0 0 72 72 re f", named, masks)


def _groups_of_groups(chance: Random) -> bytes:
    """Transparent drawings in one another: each has a bitmap of its own."""
    levels, side = chance.choice(((10, 2000), (35, 1000), (200, 72), (3, 2500)))
    group = f"/Group << /S /Transparency /I true >> /BBox [0 0 {side} {side}]"
    named = f"/ExtGState << /H << /ca .5 /BM /Multiply >> >> {_forms(levels + 1)}"
    inner = [
        _stream(
            f"/H gs 0 0 {side} {side} re f /F{n} Do",
            f"/Type /XObject /Subtype /Form {group} /Resources << {named} >>",
        )
        for n in range(1, levels + 1)
    ]
    last = _form("0 0 9 9 re f")
    return _page("/H gs /F0 Do", named, [*inner, last], box=f"0 0 {side} {side}")


def _shadings(chance: Random) -> bytes:
    levels = chance.choice((1, 10, 40))
    functions = [
        f"<< /FunctionType 3 /Domain [0 1] /Bounds [.5] /Encode [0 1 1 0]"
        f" /Functions [{_OWN + 1 + n} 0 R {_OWN + 1 + n} 0 R] >>"
        for n in range(1, levels + 1)
    ]
    end = chance.choice((f"{_OWN + 1} 0 R", "<< /FunctionType 2 /Domain [0 1] /N 1 >>"))
    shading = "<< /ShadingType 2 /ColorSpace /DeviceGray /Coords [0 0 72 72] /Function 6 0 R >>"
    drawing = "/S sh " * chance.choice((1, 1000, 50_000))
    objects = [shading, *functions, end]
    return _page(_packed(drawing.encode()), "/Shading << /S 5 0 R >>", objects)


def _mesh(chance: Random) -> bytes:
    data = chance.randbytes(3000) * chance.choice((10, 3000))
    decode = "/Decode [0 72 0 72 0 1] /BitsPerCoordinate 8 /BitsPerComponent 8 /BitsPerFlag 8"
    kind = chance.choice((4, 5, 6, 7))
    entries = f"/ShadingType {kind} /ColorSpace /DeviceGray {decode} /VerticesPerRow 9"
    return _page("/S sh", "/Shading << /S 5 0 R >>", [_packed(data, 1, entries)])


def _program(chance: Random) -> bytes:
    """A shading by a program, at each pixel."""
    program = "{ " + "{ dup mul } { dup } ifelse 1 2 gt " * chance.choice((1, 1000)) + "pop }"
    function = _stream(program, "/FunctionType 4 /Domain [0 1 0 1] /Range [0 1]")
    shading = "<< /ShadingType 1 /ColorSpace /DeviceGray /Matrix [72 0 0 72 0 0] /Function 6 0 R >>"
    drawing = "/S sh " * chance.choice((1, 300))
    return _page(drawing, "/Shading << /S 5 0 R >>", [shading, function])


def _picture(entries: str, data: bytes, times: int = 1) -> str:
    return _packed(data, times, f"/Type /XObject /Subtype /Image {entries}")


def _picture_often(chance: Random) -> bytes:
    side = chance.choice((2000, 6000))
    size = f"/Width {side} /Height {side} /BitsPerComponent 8 /ColorSpace /DeviceGray"
    drawing = "q 72 0 0 72 0 0 cm /X Do Q " * chance.choice((3, 1000, 30_000))
    picture = _picture(size, bytes(side * side))
    return _page(_packed(drawing.encode()), "/XObject << /X 5 0 R >>", [picture])


def _picture_that_lies(chance: Random) -> bytes:
    """Pictures that claim sizes that their data don't have, of all codes."""
    code = chance.choice(("JBIG2Decode", "CCITTFaxDecode", "DCTDecode", "JPXDecode", "LZWDecode"))
    side = chance.choice((20_000, 60_000, 2**30))
    size = f"/Width {side} /Height {side} /BitsPerComponent {chance.choice((1, 8, 16))}"
    fax = f"/DecodeParms << /K -1 /Columns {side} /Rows {side} >>"
    content = chance.randbytes(chance.choice((9, 900, 90_000))).decode("latin-1")
    entries = f"/Subtype /Image {size} /ColorSpace /DeviceGray /Filter /{code} {fax}"
    return _page("72 0 0 72 0 0 cm /X Do", "/XObject << /X 5 0 R >>", [_stream(content, entries)])


def _large_picture(chance: Random) -> bytes:
    """Pictures that have what they claim: blank ones of many megapixels, in little."""
    side, bits = chance.choice(((8000, 8), (20_000, 1), (8000, 1), (40_000, 1)))
    size = f"/Width {side} /Height {side} /BitsPerComponent {bits} /ColorSpace /DeviceGray"
    picture = _picture(size, bytes(side * side * bits // 8), chance.choice((1, 2)))
    mask = chance.choice(("", "/SMask 5 0 R", "/Mask 5 0 R"))
    other = f"/Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray {mask}"
    objects = [picture, _picture(other, b"\0")]
    return _page("72 0 0 72 0 0 cm /Y Do /X Do", "/XObject << /X 5 0 R /Y 6 0 R >>", objects)


def _inline_pictures(chance: Random) -> bytes:
    side, times = chance.choice(((1, 100_000), (30_000, 1), (30_000, 500), (2**31 - 1, 1)))
    picture = f"q 72 0 0 72 0 0 cm BI /W {side} /H {side} /BPC 8 /CS /G ID a EI Q "
    return _page(_packed(picture.encode() * times))


def _unpacked_often(chance: Random) -> bytes:
    """Drawings and pictures that are packed again and again."""
    size, times = chance.choice(((2**20, 2), (2**28, 2), (2**28, 3), (2**29, 2)))
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b" " * 2**20) for _ in range(size >> 20)) + packer.flush()
    for _ in range(times - 1):
        packed = zlib.compress(packed, 9)
    filters = f"/Filter [{' /FlateDecode' * times}]"
    return _page(_stream(packed.decode("latin-1"), filters))


def _long_runs(chance: Random) -> bytes:
    runs = b"\x81 " * chance.choice((10_000, 400_000)) + b"\x80"
    content = zlib.compress(runs, 9).decode("latin-1")
    return _page(_stream(content, "/Filter [/FlateDecode /RunLengthDecode]"))


def _boxes(chance: Random) -> bytes:
    box = chance.choice(
        (
            "0 0 1e9 1e9",
            "0 0 14400 14400",
            "-1e30 -1e30 1e30 1e30",
            "0 0 0 0",
            "72 72 0 0",
            "0 0 1 1e7",
        )
    )
    unit = chance.choice(("", "/UserUnit 1000", "/UserUnit 1e9", "/Rotate 90"))
    return _page("0 0 72 72 re f", entries=unit, box=box)


def _page_trees(chance: Random) -> bytes:
    count, kids = chance.choice(((10**9, "3 0 R"), (3, "2 0 R 3 0 R"), (9, "4 0 R 5 0 R 3 0 R")))
    depth = chance.choice((3, 2000))
    root = "<< /Type /Catalog /Pages 2 0 R >>"
    tree = f"<< /Type /Pages /Kids [{kids}] /Count {count} /Parent {3 + depth} 0 R >>"
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>"
    deep = [
        f"<< /Type /Pages /Kids [{n + 1} 0 R {n + 1} 0 R] /Count 2 /Parent {n - 1} 0 R >>"
        for n in range(4, 4 + depth)
    ]
    return pdf([root, tree, page, *deep])


def _tables(chance: Random) -> bytes:
    """Tables of objects that are too long, or lead back to themselves."""
    size = chance.choice((10, 8_388_607, 2**31 - 1))
    index = chance.choice((f"[0 {size}]", f"[{size - 9} 9 0 9]", f"[-1 {size}]"))
    rows = bytes(8) * chance.choice((10, 100_000))
    entries = f"/Type /XRef /Size {size} /W [1 4 3] /Index {index} /Root 1 0 R /Prev 9"
    return f"%PDF-1.7\n4 0 obj\n{_packed(rows, 1, entries)}\nendobj\nstartxref\n9\n%%EOF\n".encode(
        "latin-1"
    )


def _object_streams(chance: Random) -> bytes:
    count = chance.choice((10, 10**6, 2**31 - 1))
    pairs = " ".join(f"{n} 0" for n in range(9, 9 + min(count, 200_000)))
    first = chance.choice((len(pairs) + 1, 0, 2**31 - 1))
    body = _packed(f"{pairs} << >>".encode(), 1, f"/Type /ObjStm /N {count} /First {first}")
    extended = chance.choice(("", "/Extends 5 0 R"))
    body = body.replace("/Type /ObjStm", f"/Type /ObjStm {extended}")
    return _page("0 0 9 9 re f", objects=[body])


def _nested_lists(chance: Random) -> bytes:
    depth = chance.choice((400, 100_000, 3_000_000))
    opening, closing = chance.choice(((b"[", b"]"), (b"<< /A ", b" >>"), (b"{", b"}")))
    return _page(_packed(opening * depth + closing * depth + b" 0 0 9 9 re f"))


def _colours(chance: Random) -> bytes:
    """Colours that are made of colours."""
    count = chance.choice((1, 3, 60))
    spaces = [
        f"[/Separation /N{n} {_OWN + (n + 1) % count} 0 R"
        " << /FunctionType 2 /Domain [0 1] /C0 [0] /C1 [1] /N 1 >>]"
        for n in range(count)
    ]
    named = "/ColorSpace << /C 5 0 R >>"
    return _page("/C cs 1 scn 0 0 72 72 re f " * chance.choice((1, 10_000)), named, spaces)


def _notes(chance: Random) -> bytes:
    """Notes on a page, each drawn as a form that calls itself."""
    note = "<< /Type /Annot /Subtype /Stamp /Rect [0 0 72 72] /AP << /N 5 0 R >> >>"
    notes = f"/Annots [{note * chance.choice((1, 100, 20_000))}]"
    form = _form("0 0 9 9 re f " + "/F0 Do " * chance.choice((0, 2, 20)), _forms(1))
    return _page("0 0 9 9 re f", objects=[form], entries=notes)


Maker = Callable[[Random], bytes]
_KINDS: tuple[Maker, ...] = (
    _form_that_calls_itself,
    _forms_that_call_one_another,
    _forms_of_forms,
    _saved_states,
    _many_paths,
    _one_long_path,
    _many_clips,
    _dashes,
    _patterns_of_patterns,
    _tiny_tiles,
    _glyphs_of_glyphs,
    _long_text,
    _masks_of_masks,
    _groups_of_groups,
    _shadings,
    _mesh,
    _program,
    _picture_often,
    _picture_that_lies,
    _large_picture,
    _inline_pictures,
    _unpacked_often,
    _long_runs,
    _boxes,
    _page_trees,
    _tables,
    _object_streams,
    _nested_lists,
    _colours,
    _notes,
)
