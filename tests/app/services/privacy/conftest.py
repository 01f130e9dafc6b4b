"""An archive with something of each kind."""

from ...filled_archive import filled, full, full_on  # noqa: F401 - fixtures
