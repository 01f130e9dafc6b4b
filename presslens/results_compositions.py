"""Results of ``import presslens`` about compositions: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

from typing import Literal

from pydantic import Field

from presslens.answers import CompositionResult, Record
from presslens.results_editions import EditionState

Focus = Literal["leader", "facility", "neither", "unsure"]
"""The focus of a photo: the thing that it is composed around, by the machine or by a coder."""


class MachineNumbers(Record):
    """The numbers that follow people's answers, by the machine alone."""

    photos: float | None
    """The number of photos, where nobody has gone through a page."""
    leader_photos: int | None
    """Photos that surely show a leader; None where none was looked for."""
    leader_unsure: int | None
    """Photos that may show one; None likewise."""
    leader_area: float | None
    """Mean share of the photo area of the leader's body, 0–1, over the photos that surely show
    a leader and where he stands is known; None without any.
    """
    leader_centrality: float | None
    """Mean centrality of the leader in the same photos, 0–1."""
    together_photos: int | None
    """Photos with two figures or more; None where fewer were looked for."""
    front_lead_focus: Focus | None
    """Focus of the front page's largest photo; None without a photo, or where no leader was
    looked for.
    """


class ShareCount(Record):
    """How many photos, or pages of area, show a measure, with the ends of the interval."""

    value: float | None
    """None where it is not known."""
    low: float | None
    """Lower end of its interval."""
    high: float | None
    """Upper end of its interval."""
    unit: str
    """Photos, or pages of area."""


ValidityState = Literal["valid", "to be checked", "not valid here"]
"""Whether the machine's readings of a measure are worth anything in a newspaper."""


class Share(Record):
    """The share of photos that show a measure."""

    share: float | None
    """The estimated share, 0–1; None without photos, or where it is not known."""
    numerator: float | None
    """Photos that show the measure, or their area in pages; None where it is not known."""
    denominator: float
    """Their weight."""
    count: ShareCount
    """The numerator with its interval."""
    decided: float | None
    """Photos that are taken to show it, by people or else the machine, or their area; None
    where it is not known.
    """
    n: int
    """Number of photos."""
    settled: int
    """Photos with a consensus of coders."""
    drawn: int
    """Photos that were drawn by chance and answered."""
    machine: float | None
    """The mean of the machine's probabilities, 0–1; None without photos."""
    interval: tuple[float, float] | None
    """The ends of the interval; None where there is no honest one."""
    method: str
    """How the interval was made."""
    refused: str | None
    """Why there is no interval, and what would help; None where there is one."""
    note: str | None
    """What else to know; None for nothing."""
    provisional: bool
    """It rests on a few drawn answers: fewer than ``FIRM``."""
    decided_from: float | None
    """Probability by the machine from which on a photo is taken to show it; above 1: none is;
    None where no calibration decides.
    """
    decided_note: str | None
    """Why more or fewer are taken to show it than the share says."""
    validity: ValidityState | None


class ZoneShares(Record):
    """The photos of a part of an edition; None where the front page was not seen."""

    photos: int | None
    """Number of its photos."""
    shares: dict[str, Share]
    """Of the photos, by measure."""
    area_shares: dict[str, Share]
    """Of their printed area, by measure."""


Role = Literal["leader", "heir", "official", "other"]
"""The role of a figure in the paper; photos of leaders are counted as the leader's."""


class Tally(Record):
    """The numbers of photos that surely, and that perhaps, show something."""

    sure: int
    """Photos that surely show it."""
    unsure: int
    """Photos that may show it."""


ShotSize = Literal["close", "medium", "long"]
"""The shot size: how much of a person the picture is framed to show."""


class FigureUse(Record):
    """The use of one figure in an edition."""

    name: str
    """The figure's name."""
    role: Role
    """What the figure is to the paper."""
    photos: Tally
    """Photos that show him."""
    share: Share
    """Their expected share of all photos of the pages that were seen; a photo without a
    sighting of him counts with probability 0.
    """
    area_share: float | None
    """Mean of his body's share of a photo, 0–1, over the photos that surely show him and where
    he stands is known; None without any.
    """
    centrality: float | None
    """The same of his centrality, 0–1."""
    shot_sizes: dict[str, Tally]
    """Photos of each ``ShotSize`` of the figure; photos of unknown size count in none."""
    front_page: Tally | None
    """Photos of him on the front page; None if page 1 was not seen."""
    lead_photos: Tally
    """Photos of him that are the largest of their page."""
    together: Tally
    """Photos that show another enrolled figure too, surely if both are sure."""
    companions: dict[str, Tally]
    """The same by the other's name, those seen most often first."""


class AnalysedComposition(Record):
    """The statistics of an edition, and of the leaders in it."""

    pages: int
    """All pages that it had as far as is known, uploaded or not."""
    pages_seen: int
    """Pages that were analysed."""
    coverage: float | None
    """Share of the pages that were analysed, 0–1."""
    page_types: dict[str, int]
    """Number of pages of each ``PageType``."""
    photos: float | None
    """Photos found on the pages that were seen."""
    photos_per_page: float | None
    """Photos by pages seen."""
    photo_area_share: float | None
    """Share of the area of the pages seen that photos take, 0–1."""
    full_page_photo_pages: float | None
    """Pages that one photo takes nearly all of."""
    photo_pages: float | None
    """Pages that photos take half of or more, full-page photos among them."""
    text_pages: float | None
    """Pages without photos, blank ones not among them."""
    largest_photo: float | None
    """Share of its page that the largest photo takes, 0–1."""
    leader_photos: float | None
    """Photos that surely show a leader."""
    leader_area: float | None
    """Mean share of such a photo that the leader's body takes, 0–1."""
    leader_centrality: float | None
    """Mean closeness of his body to the middle of such a photo, 0–1."""
    together_photos: float | None
    """Photos that show two enrolled figures or more."""
    photos_interval: tuple[float, float] | None
    """(low, high) of photos."""
    photos_per_page_interval: tuple[float, float] | None
    """(low, high) of photos_per_page."""
    photo_area_share_interval: tuple[float, float] | None
    """(low, high) of photo_area_share."""
    full_page_photo_pages_interval: tuple[float, float] | None
    """(low, high) of full_page_photo_pages."""
    photo_pages_interval: tuple[float, float] | None
    """(low, high) of photo_pages."""
    text_pages_interval: tuple[float, float] | None
    """(low, high) of text_pages."""
    counts_method: str
    """The method of these intervals."""
    leader_unsure: int | None
    """Photos that may show one; None likewise."""
    leader_placed: int | None
    """Photos that the two means of the leader are of; None where none was looked for."""
    front_lead_focus: Focus | None
    """Focus of the front page's largest photo; None without a photo, or where no leader was
    looked for.
    """
    front_lead_note: str | None
    """What the reading of the focus of the front page's lead is worth; or None."""
    machine: MachineNumbers
    """The numbers that follow what people have settled, by the machine alone."""
    not_known: dict[str, str]
    """The numbers that are not known, shares aside, each with the reason."""
    shares: dict[str, Share]
    """The share of the photos by measure."""
    area_shares: dict[str, Share]
    """The share of their printed area by measure."""
    labels: dict[str, Share]
    """The share of the photos by label."""
    zones: dict[str, ZoneShares]
    """The parts of the edition."""
    figures: list[FigureUse]
    """The use of each leader."""


class EditionComposition(CompositionResult, AnalysedComposition):
    """The composition of an edition, over the pages that are analysed and interpreted."""

    schema_: int = Field(alias="schema")
    """The version of the JSON contract."""
    recipe: str
    edition: EditionState
    label_set: str | None
    """Version of the labels that all photos were read for; None while they differ."""
    figures: list[FigureUse]
    """The use of each figure that the photos were looked at for."""
    figures_not_known: dict[str, str]
    """The enrolled figures that photos were not looked at for, and why."""
    reprints: int | None
    """Photos of it that were printed before, see ``count_reprints``; None where it is not
    known.
    """
    photos_without_reprints: float | None
    """Its photos less those that were printed before."""
