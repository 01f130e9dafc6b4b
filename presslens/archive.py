"""An archive, on this disk or at an address: the same questions, the same answers."""

from __future__ import annotations

import datetime as dt
import html
import re
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from presslens.connection import API, SECONDS, Connection, as_text
from presslens.errors import NotAllowed, NotThere, Refused, errors_of_package
from presslens.operations import Operations
from presslens.results_claims import ClaimState, ClaimVerdict
from presslens.results_photos import Photo, ServedFigure
from presslens.results_statistics import Inference


class Archive(Operations):
    """An archive that is only read; close it, or use it in a ``with`` block.

    >>> archive.share("people", publication="Rodong Sinmun").groups[0].n
    38
    >>> archive.share("photos", by="publication").to_pandas()["value"].tolist()
    [21.0, 21.0]
    >>> [photo.page_number for photo in archive.photos(publication="Minju Joson")][:3]
    [1, 1, 1]
    """

    def __init__(self, connection: Connection, opened: ExitStack | None = None) -> None:
        """Take a connection.

        Args:
            opened: The resources that are closed after it.
        """
        super().__init__(connection)
        self._opened = opened or ExitStack()

    def close(self) -> None:
        """End the connection; results stay, and have no charts any more."""
        self._connection.close()
        self._opened.close()

    def __enter__(self) -> Self:
        """Return the archive."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the archive."""
        self.close()

    def __repr__(self) -> str:
        """Return its address; one in a folder is at none that others can open."""
        return f"<{type(self).__name__}: {self._connection.place}>"

    def _repr_html_(self) -> str:
        """Show the newspapers in a notebook."""
        return f"<p>{html.escape(repr(self))}</p>{self.newspapers()._repr_html_()}"

    def claim(self, key: str) -> ClaimVerdict:
        """Evaluate the latest version of a claim, by its key.

        A look at a frozen claim is logged in the archive, as everywhere.

        Raises:
            NotThere: There is no such claim.
        """
        for claim in self.claims(key=key):
            return self.verdict(claim)
        raise NotThere(f"there is no claim with the key {key!r}: see archive.claims()")

    def verdict(
        self,
        claim_id: ClaimState | int,
        *,
        level: float | None = None,
        inference: Inference | None = None,
    ) -> ClaimVerdict:
        """Evaluate a claim: true, false or undecided, the reasons, and the photos of the evidence.

        Args:
            claim_id: A claim, as ``claims()`` lists them, or its id.
            level: Largest probability of a wrong verdict; without it, 0.05.
            inference: About these editions, or about the newspaper's practice.
        """
        number = claim_id.id if isinstance(claim_id, ClaimState) else claim_id
        values = {"claim_id": number, "level": level, "estimand": inference}
        return self._answer(ClaimVerdict, "/claims/{claim_id}/verdict", values)

    def check(
        self,
        rule: str,
        publication: str,
        first: dt.date | str,
        last: dt.date | str,
        *,
        level: float | None = None,
        inference: Inference | None = None,
    ) -> ClaimVerdict:
        """Evaluate a rule without storing it: ``photos > 100``.

        Args:
            rule: The rule, as claims have them.
            first: The first day, YYYY-MM-DD.
            last: The last day, YYYY-MM-DD.
            level: Largest probability of a wrong verdict; without it, 0.05.
            inference: About these editions, or about the newspaper's practice.
        """
        values = {
            "rule": rule,
            "publication": publication,
            "from": as_text(first),
            "to": as_text(last),
            "level": level,
            "estimand": inference,
        }
        document = {name: value for name, value in values.items() if value is not None}
        verdict = self._connection.post(f"{API}/claims/check", document)
        return self._result(ClaimVerdict, verdict)

    def figure(self, name: str) -> ServedFigure:
        """Return an enrolled figure; ``photos(figure=name)`` lists the photos that show it.

        Raises:
            NotThere: Nobody of this name is enrolled.
        """
        figures = list(self.figures())
        for figure in figures:
            if figure.name == name:
                return figure
        names = ", ".join(figure.name for figure in figures) or "nobody"
        raise NotThere(f"no figure is named {name!r}; enrolled: {names}")

    def picture(self, photo: Photo | int, *, width: int | None = None) -> bytes:
        """Return the picture of a photo, as a JPEG.

        Args:
            photo: The photo, or its id.
            width: Its width: 160, 320, 640 or 1280; without it, as it was scanned.
        """
        number = photo if isinstance(photo, int) else photo.id
        return self._connection.get(f"{API}/photos/{number}/image", {"width": width}).content


def connect(url: str, key: str | None = None, *, seconds: float = SECONDS) -> Archive:
    """Return the archive at an address.

    Args:
        url: Its address: ``https://presslens.example.org``; ``http://`` may be left out of one of
            this machine.
        key: A key, ``pl_…``, where the server asks for one; that of a reader is enough.
        seconds: Timeout of a request.

    Raises:
        Refused: The text is no address.
        NotAllowed: The key is missing or wrong.
        Unavailable: Nothing answers there.
        OtherVersion: Another program answers.
    """
    key = (key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise NotAllowed("the key has letters that no key has")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    try:
        client = httpx2.Client(
            base_url=_address(url).rstrip("/").removesuffix(API),
            headers=headers,
            follow_redirects=True,
            timeout=seconds,
        )
    except httpx2.InvalidURL as error:
        raise Refused(f"{url} is no address: {error}") from error
    connection = Connection(client)
    try:
        connection.document(f"{API}/me")
    except BaseException:
        connection.close()
        raise
    return Archive(connection)


def _address(url: str) -> str:
    """Return an address with its scheme.

    Raises:
        Refused: It has none, and does not name this machine.
    """
    if url.startswith(("http://", "https://")):
        return url
    if re.match(r"(127\.0\.0\.1|localhost)([:/]|$)", url):
        return f"http://{url}"
    raise Refused(f"{url!r} is no address: it begins with https:// or http://")


def open(folder: str | Path | None = None) -> Archive:
    """Return the archive in a folder of this disk, and change nothing in it.

    Args:
        folder: The data folder; without it, ``PRESSLENS_DATA_DIR``. The environment has the other
            settings, the address of a PostgreSQL database for instance.

    Raises:
        NoFile: There is no archive.
        OtherVersion: It is of another version of Presslens.
        Refused: It is an address.
    """
    from presslens.folder import application

    if re.match(r"https?://", str(folder)):
        raise Refused(f"{folder} is no folder: presslens.connect({str(folder)!r}) opens an address")
    opened = ExitStack()
    with errors_of_package(), ExitStack() as undone:
        undone.push(opened)
        transport = opened.enter_context(application(folder))
        undone.pop_all()
    client = httpx2.Client(base_url="http://127.0.0.1", transport=transport, follow_redirects=True)
    return Archive(Connection(client), opened)
