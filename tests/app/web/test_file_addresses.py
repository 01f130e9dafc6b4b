"""A report names no address that needs a server, whatever addresses there are."""

import inspect

from presslens.app.web.addresses import Addresses
from presslens.app.web.file_addresses import FileAddresses, ReportFiles

FILES = ReportFiles(
    frozenset({1, 2}), frozenset({3}), page_of_photo={4: 3}, pictured=frozenset({3})
)
ARGUMENTS = {"page_id": 3, "photo_id": 4, "edition_id": 1, "path": "css/base.css", "width": 320}
NAMES = [
    name
    for name, _ in inspect.getmembers(Addresses, inspect.isfunction)
    if not name.startswith("_")
]


def test_each_address_is_a_file_beside_or_there_is_none(subtests):
    for name in NAMES:
        named = inspect.signature(getattr(FileAddresses, name)).parameters.values()
        asked = [one.name for one in named if one.kind is one.POSITIONAL_OR_KEYWORD]
        given = [ARGUMENTS.get(key, 1) for key in asked if key.lstrip("_") != "self"]
        for file in ("index.html", "pages/page-3.html"):
            with subtests.test(f"{name} {file}"):
                address = getattr(FileAddresses(FILES, file), name)(*given)
                assert address is None or not address.startswith(("/", "http"))
                assert address is None or address.startswith("../") == ("/" in file)


def test_pictures_that_are_asked_for_are_noted():
    addresses = FileAddresses(FILES, "index.html")
    assert addresses.photo_image(4, 320) == "pictures/photo-4-320.jpg"
    assert FILES.pictures["pictures/photo-4-320.jpg"] == (3, 4, 320)
    assert addresses.photo_image(99, 320) is None
    assert addresses.edition(99) is None
