"""The parameter of routes about a photo: the photo that has the address now."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from presslens.app.api.params import Home, Id
from presslens.app.platform.errors import Replaced
from presslens.app.services.catalogue.photo_address import find_address


def _photo_there(home: Home, request: Request, photo_id: Id) -> int:
    address = find_address(home, photo_id)
    if photo_id != address.frame_id and request.method in ("GET", "HEAD"):
        raise Replaced("the photo has an earlier address", (address.frame_id,))
    return address.photo_id


PhotoId = Annotated[int, Depends(_photo_there)]
"""The id of the photo that has the address asked for; for what has none, see ``photo_there``."""
