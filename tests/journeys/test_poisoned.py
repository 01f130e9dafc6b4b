"""No text that people or files bring runs as a script, on any page, in Chromium."""

from __future__ import annotations

import io
import sqlite3
import struct
import time
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from presslens.app.drill.site_map import page_addresses

from ..app.conftest import make_page
from ..tabs import Tabs
from .pages import PAGES

PAYLOADS = (
    "javascript:pwned()",
    "JaVaScRiPt:pwned()",
    "data:text/html,<script>pwned()</script>",
    "<script>pwned()</script>",
    "<img src=x onerror=pwned()>",
    "<svg onload=pwned()>",
    "<svg><script>pwned()</script></svg>",
    '"><img src=x onerror=pwned()>',
    "'><img src=x onerror=pwned()>",
    '" onfocus=pwned() autofocus x="',
    "' onfocus=pwned() autofocus x='",
    "x onmouseover=pwned() y=",
    "</script><script>pwned()</script>",
    "</title><script>pwned()</script>",
    "</textarea><script>pwned()</script>",
    "</style><script>pwned()</script>",
    "</template><script>pwned()</script>",
    "--><script>pwned()</script>",
    "]]><script>pwned()</script>",
    '<iframe srcdoc="<script>pwned()</script>">',
    "<details open ontoggle=pwned()>",
    "<input autofocus onfocus=pwned()>",
    "<video><source onerror=pwned()></video>",
    "<a href=javascript:pwned()>here</a>",
    "<form><button formaction=javascript:pwned()>here",
    "<meta http-equiv=refresh content=0;url=javascript:pwned()>",
    "<base href=javascript:pwned()//>",
    "{{constructor.constructor('pwned()')()}}",
    "${pwned()}';pwned();//",
    "&lt;script&gt;pwned()&lt;/script&gt;",
)
ROWS = [" ".join(PAYLOADS[number::10]) for number in range(10)]
"""The payloads, three in a text: what each table is given."""
ALL = "'\"></script></title></textarea><script>pwned()</script><img src=x onerror=pwned()>"
"""What the newspaper is called, whose pages are opened."""

PATIENCE = 120
"""Seconds that the edition may take to be analysed."""

DESCRIPTION, SOFTWARE, ARTIST, COPYRIGHT, USER_COMMENT = 0x010E, 0x0131, 0x013B, 0x8298, 0x9286
START = date(2019, 12, 16)

MARKED = """() => [...document.querySelectorAll("*")].filter((one) =>
  [...one.attributes].some((a) => a.name.startsWith("on"))
  || ["href", "src", "action", "formaction", "data", "xlink:href"].some(
    (name) => /^\\s*(javascript|data:text)/i.test(one.getAttribute(name) || ""))
  || (one.localName === "script" && one.textContent.includes("pwned"))
  || ["iframe", "base", "meta[http-equiv]"].some((kind) => one.matches(kind))
).map((one) => one.outerHTML.slice(0, 300))"""
"""Finds elements that a payload would have made, whether or not the policy keeps them quiet."""


def scans() -> Iterator[tuple[str, bytes]]:
    """Yield scans by their names, which say payloads in each kind of metadata."""
    with Image.open(io.BytesIO(make_page(persons=2, faces=1))) as page:
        text = PngInfo()
        for number, payload in enumerate(PAYLOADS):
            text.add_text(f"Comment {number}", payload)
            text.add_itxt(f"Title {number}", payload)
        yield f"{ALL}.png", saved(page, "PNG", pnginfo=text)
        exif = Image.Exif()
        for number, tag in enumerate((DESCRIPTION, SOFTWARE, ARTIST, COPYRIGHT, USER_COMMENT)):
            exif[tag] = "".join(PAYLOADS[number::5])
        told = "".join(PAYLOADS)
        jpeg = saved(page, "JPEG", exif=exif, xmp=xmp(told), comment=told.encode(), quality=95)
        yield "page 2.jpg", jpeg[:2] + iptc(PAYLOADS) + jpeg[2:]
        said = dict.fromkeys(("title", "author", "subject", "keywords", "creator"), told)
        yield "page 3.pdf", saved(page, "PDF", **said)


def saved(picture: Image.Image, kind: str, **how: Any) -> bytes:
    """Return a picture as a file."""
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def xmp(text: str) -> bytes:
    """Return an XMP packet with a description."""
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><![CDATA[{text}]]></x:xmpmeta>".encode()


def iptc(texts: tuple[str, ...]) -> bytes:
    """Return a segment of a JPEG with a caption of IPTC for each text."""
    captions = b"".join(
        b"\x1c\x02\x78" + struct.pack(">H", len(text.encode())) + text.encode() for text in texts
    )
    captions += b"\0" * (len(captions) % 2)
    block = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(captions)) + captions
    return b"\xff\xed" + struct.pack(">H", len(block) + 2) + block


def upload(service: httpx2.Client, day: date, files: Iterable[tuple[str, bytes]]) -> int:
    """Upload an edition, and return its number once nothing of it waits."""
    form = {"publication": ALL, "date": day.isoformat(), "coder": ALL}
    sent = [("files", file) for file in files]
    edition: int = posted(service, "editions", data=form, files=sent)["id"]
    until = time.monotonic() + PATIENCE
    while service.get(f"/api/v1/editions/{edition}").json()["status"] not in ("done", "failed"):
        assert time.monotonic() < until
        time.sleep(0.2)
    return edition


def posted(service: httpx2.Client, path: str, **body: Any) -> Any:
    """Return what is answered to what is posted, which is accepted."""
    answer = service.post(f"/api/v1/{path}", **body)
    assert answer.is_success, answer.text
    return answer.json()


def write(service: httpx2.Client, number: int, text: str, photo: int) -> None:
    """Write a text wherever people write."""
    day = (START + timedelta(number % 28)).isoformat()
    period = {"publication": ALL, "from": START.isoformat(), "to": "2019-12-31"}
    paper = posted(service, "publications", json={"name": text, "coder": text})
    alias = service.patch(
        f"/api/v1/publications/{paper['id']}", json={"aliases": [f"{text} alias"]}
    )
    assert alias.is_success, alias.text
    named = text.replace("/", " ")  # metrics are named by figures, and part names by it
    figure = {"name": named, "role": "official", "public_role": text, "coder": text}
    posted(service, "figures", json=figure)
    event = {"date": day, "title": text, "place": text, "source": text}
    posted(service, "events", json={**event, "publication": ALL})
    claim = {"statement": text, "source": text, "note": text, "key": f"claim-{number}"}
    posted(service, "claims", json={"rule": "share(people) > 0.5", **period, **claim})
    review = {"coder": text, "note": text}
    posted(service, f"photos/{photo}/reviews", json={**review, "answers": {"people": True}})
    posted(service, "keys", json={"name": text, "scopes": ["read"]})
    posted(service, "accounts", json={"name": text, "role": "reader"})
    posted(service, "share-links", json={"target": "/gallery", "note": text})


def write_as_scans(database: Path, photo: int) -> None:
    """Put the payloads where a reader of scans writes: a caption, and a headline."""
    told, box = "".join(PAYLOADS), (10.0, 10.0, 90.0, 30.0)
    with sqlite3.connect(database, timeout=30) as connection:
        connection.execute(
            "INSERT INTO caption (photo_id, place, text, x0, y0, x1, y1)"
            " VALUES (?, 'below', ?, ?, ?, ?, ?)",
            (photo, told, *box),
        )
        connection.execute(
            "INSERT INTO headline (id, outcome_id, position, text, x0, y0, x1, y1)"
            " SELECT 1, outcome_id, 0, ?, ?, ?, ?, ? FROM photo WHERE id = ?",
            (told, *box, photo),
        )


@pytest.fixture
def poisoned(working_service: httpx2.Client, tmp_path: Path) -> dict[str, str]:
    """Return the pages of a service whose archive holds each payload in each kind of text."""
    upload(working_service, START, scans())
    no_scans = ((f"{text}.png", text.encode()) for text in ROWS)
    refused = upload(working_service, START + timedelta(1), [next(iter(scans())), *no_scans])
    photo = working_service.get("/api/v1/photos").json()["photos"][0]
    for number, text in enumerate(ROWS):
        write(working_service, number, text, photo["id"])
    note = {"coder": ALL, "note": "".join(PAYLOADS), "checked": True}
    posted(working_service, f"pages/{photo['page']}/reviews", json=note)
    sample = {"measures": ["people"], "items": 1, "name": ALL, "coders": ROWS}
    posted(working_service, "samples", json=sample)
    write_as_scans(tmp_path / "data" / "presslens.db", photo["id"])
    server = str(working_service.base_url).rstrip("/")
    found = page_addresses(server)
    return {name: found[name] for name in PAGES} | {"refused": f"{server}/editions/{refused}"}


def test_no_text_runs_on_any_page(poisoned: dict[str, str], open_tab: Tabs) -> None:
    assert len(set(PAYLOADS)) == 30
    tab = open_tab()
    ran: list[str] = []
    tab.expose_function("pwned", lambda: ran.append(tab.url))
    tab.on("dialog", lambda dialog: (ran.append(f"{tab.url}: {dialog.message}"), dialog.dismiss()))
    shown, made = 0, []
    for name, address in poisoned.items():
        answer = tab.goto(address, wait_until="networkidle")
        assert answer is not None
        assert answer.ok, f"{name}: {answer.status}"
        shown += tab.content().count("pwned()")
        made += [f"{name}: {element}" for element in tab.evaluate(MARKED)]
    assert (ran, made) == ([], [])
    assert shown > 1000  # they are there, as text
    tab.evaluate("document.body.append(document.createElement('iframe'))")
    assert tab.evaluate(MARKED) == ["<iframe></iframe>"]  # it would have been noticed
