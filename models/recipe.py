"""The recipe: everything that can change a number, named and hashed.

Two hashes matter. ``observation_id`` covers the rules of observation: while it stays, observations
stay valid. ``id`` covers all: every number that is served names it.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from presslens.models.errors import InvalidRecipe
from presslens.models.registry import Manifest
from presslens.models.subjects.codebook import edition_of

DEFAULT = Path(__file__).parent / "recipe.toml"

NONRESPONSE = 2.0
"""Factor of the odds by which photos without an answer may at most differ from answered ones of
the same machine probability (pattern mixture: Rubin 1977, doi 10.1080/01621459.1977.10480610)."""

OTHER = "other"
"""The calibration of measures that have none of their own."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


Spread = Annotated[float, Field(gt=0)]
"""What a channel is divided by."""


class PhotoRules(_Section):
    """Rules for segmenting a page into photos."""

    size: int = Field(ge=320, le=4096, description="longer page side that the segmenter sees, px")
    coarse_size: int = Field(ge=160, le=4096, description="the same, for large photos, px")
    candidate: float = Field(
        ge=0, le=1, description="lowest score of the segmenter that is considered"
    )
    score: float = Field(ge=0, le=1, description="lowest score of a photo, with its edges")
    photograph: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="lowest probability at the second look; 0: there is none",
    )
    min_side: float = Field(gt=0, lt=1, description="smallest side, share of the page width")
    page_height_mm: float = Field(gt=0, description="height of the printed page, for its dpi, mm")


class PersonRules(_Section):
    """Rules for detecting persons in a photo."""

    size: int = Field(ge=160, le=2048, description="longer photo side for the detector, px")
    fine_size: int = Field(ge=160, le=2048, description="the same for a second pass, px")
    small: float = Field(ge=0, le=1, description="persons lower than this share of it: second pass")
    candidate: float = Field(ge=0, le=1, description="lowest score that causes a second pass")
    overlap: float = Field(gt=0, le=1, description="IoU from which two boxes are of one person")
    score: float = Field(ge=0, le=1, description="lowest score that is stored")


class ObjectRules(_Section):
    """Rules for detecting objects in a photo."""

    size: int = Field(ge=160, le=2048, description="longer photo side for the detector, px")


class FaceRules(_Section):
    """Rules for detecting and embedding faces."""

    size: int = Field(ge=160, le=4096, description="longer photo side for the detector, px")
    fine_size: int = Field(ge=160, le=8192, description="the same for a second pass, px")
    # Left out where it is usual, so that recipes of before it keep their id.
    coarse_size: int = Field(
        default=0,
        ge=0,
        le=4096,
        exclude_if=lambda size: size == 0,
        description="the same for a pass over large faces, px; 0: there is none",
    )
    tiny: float = Field(ge=0, description="many faces lower than this, px: second pass")
    score: float = Field(ge=0, le=1, description="lowest score that is stored")
    child: float = Field(ge=0, le=1, description="faces at or above are children's: no embedding")
    embed: bool = Field(description="faces are embedded, so that figures can be recognised")
    embed_side: float = Field(ge=0, description="smallest face that is embedded, px")
    embed_most: int = Field(ge=0, description="at most so many faces of a photo are embedded")


class _ReadingRules(_Section):
    """Rules for reading type, in whatever language a newspaper has."""

    @model_validator(mode="before")
    @classmethod
    def _name_no_language(cls, rules: Any) -> Any:
        if isinstance(rules, dict) and "language" in rules:
            raise ValueError(
                "a recipe names no language: each newspaper has its own,"
                " presslens publications set NAME --language CODE"
            )
        return rules


class CaptionRules(_ReadingRules):
    """Rules for reading captions and headlines."""

    letter_height: float = Field(ge=16, le=100, description="letters are brought to it, px")
    timeout_s: float = Field(gt=0, le=600, description="longest time to read one caption, s")
    sure: float = Field(ge=0, le=1, description="what is read with less confidence is not read")
    # Left out where they are usual, as ``FaceRules.coarse_size``.
    epoch: int = Field(
        default=1,
        ge=1,
        exclude_if=lambda epoch: epoch == 1,
        description="bumped by hand when the code changes what is a caption, and nothing else",
    )
    space: float = Field(
        default=0.0,
        ge=0,
        le=2,
        exclude_if=lambda space: space == 0,
        description="narrower gaps, in heights of letters, part no words of Hangul",
    )


class FolioRules(_ReadingRules):
    """Rules for reading the day, page number and newspaper that a page prints at its head.

    Recipes of before there were any have the defaults.
    """

    head: float = Field(
        default=0.13, gt=0, le=0.5, description="share of the page height that is looked at"
    )
    foot: float = Field(default=0.035, ge=0, le=0.5, description="the same at the foot")
    pieces: int = Field(
        default=16, ge=1, le=100, description="so many pieces of lines are read, from the top"
    )
    letter_height: float = Field(
        default=36, ge=16, le=100, description="letters are brought to it, px"
    )
    timeout_s: float = Field(
        default=10, gt=0, le=600, description="longest time to read one page's, s"
    )
    sure: float = Field(
        default=0.6, ge=0, le=1, description="words with less confidence are left out"
    )


class Observe(_Section):
    """Rules of observation: from pixels to detections, faces and features."""

    epoch: int = Field(ge=1, description="bumped by hand when the code changes what is seen")
    instruments: Literal["learned", "scripted"]
    weights: tuple[str, ...]
    pdf_dpi: int = Field(ge=72, le=600)
    photos: PhotoRules
    persons: PersonRules
    objects: ObjectRules
    faces: FaceRules
    captions: CaptionRules
    folios: FolioRules = FolioRules()


class EnrolRules(_Section):
    """Thresholds that a figure's reference photos must reach, and the scale of their weights."""

    dominance: float = Field(ge=1, description="how often larger than the next its face must be")
    side: float = Field(ge=0, description="smallest face of a reference, px")
    full_side: float = Field(gt=0, description="a face of this side is as good as any larger, px")
    sharpness: float = Field(ge=0, le=1, description="blurred faces are below")
    full_sharpness: float = Field(gt=0, le=1, description="a face is as good as any from here on")
    turn: float = Field(ge=0, le=1, description="faces turned aside further are rejected")
    apart: float = Field(gt=0, description="embeddings as far apart are taken for two persons'")


class EncoderInput(_Section):
    """What an image encoder is given of a photo, and what is taken of its answer."""

    width: int = Field(ge=16, le=2048, description="width of the picture that it is given, px")
    height: int = Field(ge=16, le=2048, description="height of it, px")
    fit: Literal["stretch", "crop", "pad"] = Field(
        default="stretch", description="how a photo gets this shape: its middle is cut out by crop"
    )
    crop: float = Field(
        default=1.0, gt=0.1, le=1, description="share of the middle that crop takes, each way"
    )
    mean: tuple[float, float, float] = Field(
        default=(0.5, 0.5, 0.5), description="taken from each channel, 0-1"
    )
    std: tuple[Spread, Spread, Spread] = Field(
        default=(0.5, 0.5, 0.5), description="each channel is divided by it then"
    )
    channels: Literal["rgb", "bgr"] = "rgb"
    input: str = Field(default="", description="name of the network's input; empty: its only one")
    output: str = Field(default="", description="name of its output; empty: its only one")
    tokens: Literal["pooled", "mean", "first"] = Field(
        default="pooled", description="of an output of patches: their mean, or the first of them"
    )


class EncoderRules(EncoderInput):
    """A user's image encoder, and the readers that were fitted with it."""

    network: str = Field(description="name of its weight file")
    readers: str = Field(default="", description="name of the readers' file; empty: none yet")


class Interpret(_Section):
    """Rules of interpretation: from observations to subjects, sightings and focus."""

    epoch: int = Field(ge=1)
    weights: tuple[str, ...]
    person_score: float = Field(ge=0, le=1, description="detections below are not counted")
    sighting: float = Field(ge=0, le=1, description="lowest probability that is a sighting")
    sure: float = Field(ge=0, le=1, description="sightings below are unsure")
    context: float = Field(
        ge=0,
        le=1,
        description="highest probability of a sighting that its face alone doesn't decide",
    )
    focus_margin: float = Field(ge=0, le=1, description="smaller leads are unsure")
    enrol: EnrolRules
    # Left out where there is none, so that recipes without keep their id.
    encoder: EncoderRules | None = Field(default=None, exclude_if=lambda encoder: encoder is None)

    @model_validator(mode="after")
    def _ordered(self) -> Interpret:
        if not self.context < self.sure:
            raise ValueError("context must be below sure: what only the place tells stays unsure")
        return self


class Calibration(_Section):
    """How far a measure's probabilities may be off on a newspaper that nobody trained for.

    Of a photo of edition e of period q of source s, which the detector reads as p, the log odds are
    taken to be a_s logit(p) + b_s + b_q + b_e. All but ``prior_shift`` and ``reference`` are
    standard deviations over sources, periods and editions; ``presslens models evaluate
    calibration`` learns them by leaving whole sources out. The defaults are cautious.
    """

    source: float = Field(
        default=1.0, ge=0, le=5, description="of b_s beyond the shift of the prevalence, logits"
    )
    period: float = Field(default=0.4, ge=0, le=5, description="of b_q, logits")
    edition: float = Field(default=0.5, ge=0, le=5, description="of b_e, logits")
    slope: float = Field(default=0.2, ge=0, le=2, description="of log a_s")
    prevalence: float = Field(
        default=1.2, ge=0, le=5, description="of the prevalence's log odds over sources"
    )
    prior_shift: float = Field(
        default=1.0,
        ge=0,
        le=1,
        description="share of the shift of the prevalence that stated log odds miss",
    )
    reference: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="share of the photos that show the measure where it was calibrated",
    )

    @model_serializer(mode="wrap")
    def _without_null(self, write: SerializerFunctionWrapHandler) -> dict[str, float]:
        # TOML has no null: a recipe is written as TOML too.
        return {name: value for name, value in write(self).items() if value is not None}


class Aggregate(_Section):
    """Rules of aggregation: from interpretations to statistics."""

    epoch: int = Field(ge=1)
    decision: float = Field(ge=0, le=1, description="a photo shows a subject from here on")
    confidence: float = Field(gt=0, lt=1, description="level of the intervals")
    full_page: float = Field(gt=0, le=1, description="page share that makes a full-page photo")
    photo_page: float = Field(gt=0, le=1, description="page share of photos of a photo page")
    min_coverage: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="editions with less coverage are in no statistic of several",
    )
    # Left out where it is usual, so that recipes of before it keep their id.
    nonresponse: float = Field(
        default=NONRESPONSE,
        ge=1,
        le=100,
        exclude_if=lambda factor: factor == NONRESPONSE,
        description="factor of the odds by which photos without an answer may differ from others",
    )
    calibration: dict[str, Calibration] = Field(
        default={OTHER: Calibration()}, description="how far probabilities may be off, by measure"
    )

    @model_validator(mode="before")
    @classmethod
    def _calibrated(cls, rules: Any) -> Any:
        """Give rules of before ``calibration`` one, of their drift and prevalence.

        Their drift was over events, and nothing was known of sources: the rest is cautious.
        """
        if not isinstance(rules, dict) or not {"drift", "prevalence"} & set(rules):
            return rules
        rest = {name: value for name, value in rules.items() if name not in ("drift", "prevalence")}
        drift, shares = rules.get("drift"), rules.get("prevalence", {})
        if "calibration" in rest or not isinstance(drift, dict) or not isinstance(shares, dict):
            return rest
        calibration = {
            measure: {"edition": spread, "reference": shares.get(measure)}
            for measure, spread in drift.items()
        }
        return {**rest, "calibration": calibration}

    def calibration_of(self, measure: str) -> Calibration:
        """Return the calibration of a measure: its own, its family's, or any other's.

        Args:
            measure: A subject, ``leader``, ``figure:`` or ``label:`` with a name, and so on; the
                family of ``label:x`` is ``label:``.
        """
        family = measure[: measure.find(":") + 1]
        for name in (measure, family, OTHER):
            if name and name in self.calibration:
                return self.calibration[name]
        return Calibration()


class Recipe(_Section):
    """All rules, with the hashes of all the weights that they use."""

    name: str
    codebook: str
    observe: Observe
    interpret: Interpret
    aggregate: Aggregate
    hashes: dict[str, str]

    @classmethod
    def load(cls, path: Path = DEFAULT, manifest: Manifest | None = None) -> Recipe:
        """Read a recipe from a TOML file and bind it to the weights of a manifest.

        Raises:
            InvalidRecipe: The file is missing, is not TOML, or holds a value out of range.
            ModelUnavailable: The manifest doesn't know a weight file that the recipe names.
        """
        manifest = manifest or Manifest.load()
        try:
            raw = tomllib.loads(path.read_text())
            names = {*raw["observe"]["weights"], *raw["interpret"]["weights"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidRecipe(f"{path.name}: {error}") from error
        hashes = {name: manifest[name].sha256 for name in names}
        try:
            return cls.model_validate({**raw, "hashes": hashes})
        except ValidationError as error:
            raise InvalidRecipe(f"{path.name}: {error}") from error

    @cached_property
    def observation_id(self) -> str:
        """Hash of the rules and weights of observation, 64 hex digits."""
        return _digest(
            {
                "codebook": edition_of(self.codebook),
                "observe": self.observe.model_dump(mode="json"),
                "hashes": {name: self.hashes[name] for name in self.observe.weights},
            }
        )

    @property
    def encoding_id(self) -> str | None:
        """Hash of the user's image encoder and what it is given; None without one."""
        encoder = self.interpret.encoder
        if encoder is None:
            return None
        given = encoder.model_dump(mode="json", exclude={"readers", "network"})
        return _digest({"network": self.hashes[encoder.network], **given})

    def with_encoder(self, encoder: EncoderRules | None, manifest: Manifest) -> Recipe:
        """Return the same recipe with a user's image encoder beside ours, or without any.

        Raises:
            ModelUnavailable: The manifest doesn't know a weight file of the encoder.
        """
        previous, rules = self.interpret.encoder, self.interpret
        names = [n for n in rules.weights if previous is None or n not in _weights_of(previous)]
        added = () if encoder is None else _weights_of(encoder)
        weights = (*names, *added)
        used = {*self.observe.weights, *weights}
        hashes = {name: sha256 for name, sha256 in self.hashes.items() if name in used}
        hashes |= {name: manifest[name].sha256 for name in added}
        interpret = rules.model_copy(update={"weights": weights, "encoder": encoder})
        return self.model_copy(update={"interpret": interpret, "hashes": hashes})

    @cached_property
    def id(self) -> str:
        """Hash of the whole recipe, 64 hex digits."""
        return _digest(self.model_dump(mode="json"))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy, which has ids of its own."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("id", "observation_id"):
            copied.__dict__.pop(name, None)
        return copied

    def canonical(self) -> str:
        """Return the recipe as canonical JSON: sorted keys, no spaces."""
        return _canonical(self.model_dump(mode="json"))


def _weights_of(encoder: EncoderRules) -> tuple[str, ...]:
    return tuple(name for name in (encoder.network, encoder.readers) if name)


def _canonical(value: dict[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(value: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(value).encode()).hexdigest()
