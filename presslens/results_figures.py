"""Results of ``import presslens`` about figures: the models of the API."""

# Written by `python -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

from presslens.answers import Record
from presslens.results_compositions import Role


class StatedRole(Record):
    """The role of a figure in a newspaper."""

    publication: str
    role: Role


class Origin(Record):
    """The page of a confirmed face: a frame of a scan, and the face's box in shares of the
    page.
    """

    scan: str
    frame: int
    box: tuple[float, float, float, float]


class ServedReference(Record):
    """A reference with the address of its face; None for one not shown."""

    id: int
    name: str
    """The name of its file, or of the page that its face stands on."""
    status: str
    """Done, rejected or failed; queued until it is analysed."""
    reason: str | None
    """Why it is not used; None if it is."""
    doubt: str | None
    """What is doubtful about a reference that is used."""
    quality: float | None
    """Weight in the matching, 0–1; None, as the next ones, where it is not measured."""
    size: float | None
    """Side of a square as large as the face, in pixels."""
    sharpness: float | None
    """Share of the face's contrast that is fine detail, 0–1."""
    facing: float | None
    """1 for a face that looks straight out of the photo, 0 for one turned aside fully."""
    agreement: float | None
    """Share of the figure's other references that are near it, 0–1."""
    origin: Origin | None
    """The page that it was confirmed on; None for a photo that was given."""
    child: float | None
    """How likely the face is a child's by its look, 0–1."""
    vouched_by: str | None
    """Who has said that it is an adult's; None: nobody."""
    can_vouch: bool
    """Whether vouching for the age would help: it was refused for it, and is a photo."""
    resembles: str | None
    """The other figure that its face is like; None: there is none."""
    pictured: bool
    """Whether its face may be shown."""
    image: str | None


class ServedFigure(Record):
    """A figure with its references."""

    id: int
    name: str
    role: Role
    """The first of its roles, in the order of roles; other without any."""
    roles: list[StatedRole]
    """Its role in each newspaper in which it has one."""
    references: list[ServedReference]
    warnings: list[str]
    """What is doubtful: too few portraits, or like those of another figure."""


class FigureList(Record):
    """The enrolled figures."""

    figures: list[ServedFigure]
