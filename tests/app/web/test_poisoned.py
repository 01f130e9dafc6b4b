"""No text that people or files bring runs as a script, on any page, in Chromium."""

import io
import struct
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import text

from presslens.app.drill.site_map import page_addresses
from presslens.app.installation import Installation
from presslens.app.worker import Worker

from ...journeys.pages import PAGES, PAGES_ON_COMMIT
from ...tabs import Tabs
from ..conftest import make_page

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

ON_COMMIT = (*PAGES_ON_COMMIT, "audit", "claims", "edits", "figure")
"""The pages that are opened on each commit; all of them are at length."""

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


def upload(service: TestClient, day: date, files: Iterable[tuple[str, bytes]]) -> int:
    """Upload an edition, and return its number."""
    form = {"publication": ALL, "date": day.isoformat(), "coder": ALL}
    sent = [("files", file) for file in files]
    return int(posted(service, "editions", data=form, files=sent)["id"])


def posted(service: TestClient, path: str, **body: Any) -> Any:
    """Return what is answered to what is posted, which is accepted."""
    answer = service.post(f"/api/v1/{path}", **body)
    assert answer.is_success, answer.text
    return answer.json()


def write(service: TestClient, number: int, said: str, photo: int) -> None:
    """Write a text wherever people write."""
    day = (START + timedelta(number % 28)).isoformat()
    period = {"publication": ALL, "from": START.isoformat(), "to": "2019-12-31"}
    paper = posted(service, "publications", json={"name": said, "coder": said})
    alias = service.patch(
        f"/api/v1/publications/{paper['id']}", json={"aliases": [f"{said} alias"]}
    )
    assert alias.is_success, alias.text
    named = said.replace("/", " ")  # metrics are named by figures, and part names by it
    figure = {"name": named, "role": "official", "public_role": said, "coder": said}
    posted(service, "figures", json=figure)
    event = {"date": day, "title": said, "place": said, "source": said}
    posted(service, "events", json={**event, "publication": ALL})
    claim = {"statement": said, "source": said, "note": said, "key": f"claim-{number}"}
    posted(service, "claims", json={"rule": "share(people) > 0.5", **period, **claim})
    review = {"coder": said, "note": said}
    posted(service, f"photos/{photo}/reviews", json={**review, "answers": {"people": True}})
    posted(service, "keys", json={"name": said, "scopes": ["read"]})
    posted(service, "accounts", json={"name": said, "role": "reader"})
    posted(service, "share-links", json={"target": "/gallery", "note": said})


def write_as_scans(home: Installation, photo: int) -> None:
    """Put the payloads where a reader of scans writes: a caption, and a headline."""
    box = {"text": "".join(PAYLOADS), "photo": photo, "x0": 10, "y0": 10, "x1": 90, "y1": 30}
    places = "x0, y0, x1, y1"
    with home.database.write() as session:
        caption = f"INSERT INTO caption (photo_id, place, text, {places})"
        session.execute(text(f"{caption} VALUES (:photo, 'below', :text, :x0, :y0, :x1, :y1)"), box)
        headline = f"INSERT INTO headline (id, outcome_id, position, text, {places})"
        chosen = "SELECT 1, outcome_id, 0, :text, :x0, :y0, :x1, :y1 FROM photo WHERE id = :photo"
        session.execute(text(f"{headline} {chosen}"), box)


@pytest.fixture
def poisoned(served: str, client: TestClient, home: Installation, worker: Worker) -> dict[str, str]:
    """Return the pages of a service whose archive holds each payload in each kind of text."""
    upload(client, START, scans())
    no_scans = ((f"{told}.png", told.encode()) for told in ROWS)
    refused = upload(client, START + timedelta(1), [next(iter(scans())), *no_scans])
    worker.drain()
    photo = client.get("/api/v1/photos").json()["photos"][0]
    for number, told in enumerate(ROWS):
        write(client, number, told, photo["id"])
    note = {"coder": ALL, "note": "".join(PAYLOADS), "checked": True}
    posted(client, f"pages/{photo['page']}/reviews", json=note)
    sample = {"measures": ["people"], "items": 1, "name": ALL, "coders": ROWS}
    posted(client, "samples", json=sample)
    worker.drain()  # or the page of an edition waits for events, and is never idle
    write_as_scans(home, photo["id"])
    found = page_addresses(served)
    return {name: found[name] for name in PAGES} | {"refused": f"{served}/editions/{refused}"}


@pytest.mark.parametrize("names", [ON_COMMIT, pytest.param(PAGES, marks=pytest.mark.long)])
def test_no_text_runs_on_any_page(
    poisoned: dict[str, str], open_tab: Tabs, names: tuple[str, ...]
) -> None:
    assert len(set(PAYLOADS)) == 30
    tab = open_tab()
    ran: list[str] = []
    tab.expose_function("pwned", lambda: ran.append(tab.url))
    tab.on("dialog", lambda dialog: (ran.append(f"{tab.url}: {dialog.message}"), dialog.dismiss()))
    shown, made = 0, []
    for name in (*names, "refused"):
        answer = tab.goto(poisoned[name], wait_until="networkidle")
        assert answer is not None
        assert answer.ok, f"{name}: {answer.status}"
        shown += tab.content().count("pwned()")
        made += [f"{name}: {element}" for element in tab.evaluate(MARKED)]
    assert (ran, made) == ([], [])
    assert shown > 1000  # they are there, as text
    tab.evaluate("document.body.append(document.createElement('iframe'))")
    assert tab.evaluate(MARKED) == ["<iframe></iframe>"]  # it would have been noticed
