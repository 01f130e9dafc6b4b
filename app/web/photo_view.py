"""Prepares a photo for its page: what is said of it by the machine and by people, in rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from presslens.app.platform.language import Language
from presslens.app.web.alternatives import photo_in_words, with_decisions
from presslens.app.web.metric_words import metric_name
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.measure import FIGURE, FOCUSES, LABEL, SUBJECTS

COLUMNS = (
    "kind", "name", "probability", "shown", "count", "count_low", "count_high",
    "people_say", "x0", "y0", "x1", "y1", "recipe",
)  # fmt: skip
"""Columns of the table of what is said of a photo."""

PERSON = 0.5
"""Least score of a detected person whom a reader can take for a figure, 0–1."""

MOST_PERSONS = 30
"""Largest number of persons who are offered."""


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """The reading of one measure of a photo."""

    name: str  # the measure, "children" or "label:flags" for instance
    probability: float | None  # by the machine, 0–1; None until it has looked at the photo
    shown: bool  # whether the recipe decides that the photo shows it
    count: int | None  # how many there are; None for what is not counted
    interval: Sequence[int] | None  # the interval of the count; None if there is none
    consensus: bool | None  # what people have settled; None where nobody has
    disputed: bool  # whether coders disagree


@dataclass(frozen=True)
class PhotoView:
    """A photo as its page shows it."""

    document: Mapping[str, Any]  # the photo in the JSON contract, with its pages
    reviews: Mapping[str, Any]  # the answers for it in the JSON contract
    decided: Decisions  # from where on photos of its newspaper are decided to show what
    figure_ids: Mapping[str, int]  # the id of each enrolled figure, by name
    # The labels that people can be asked for, ``label:NAME``, of those too that are not learnt yet.
    answerable_labels: Sequence[str] = ()

    @property
    def is_read(self) -> bool:
        """Whether the machine has looked at the photo: one that people draw waits for a worker."""
        return self.document["focus"] is not None

    @cached_property
    def subjects(self) -> list[MeasureReading]:
        """The subjects, in the codebook's order; people can answer before the machine has."""
        if not self.is_read:
            return [self._reading(name, None) for name in SUBJECTS]
        return [
            self._reading(name, one["probability"], one.get("count"), one.get("count_interval"))
            for name, one in self.document["subjects"].items()
        ]

    @cached_property
    def leader(self) -> MeasureReading | None:
        """The leader; None while nobody is enrolled whose role this is."""
        probability = self.reviews["machine"].get("leader")
        return None if probability is None else self._reading("leader", probability)

    @cached_property
    def figures(self) -> list[MeasureReading]:
        """The enrolled figures, the most probable first, recognised or not."""
        if not self.is_read:
            return [self._reading(f"{FIGURE}{name}", None) for name in self.figure_ids]
        machine = self.reviews["machine"]
        named = [(f"{FIGURE}{name}", machine.get(f"{FIGURE}{name}")) for name in self.figure_ids]
        scored = [(name, p) for name, p in named if p is not None]
        return [self._reading(name, p) for name, p in sorted(scored, key=lambda one: -one[1])]

    @property
    def rejected(self) -> frozenset[str]:
        """The figures who are not in the photo, as people have settled."""
        consensus = self.reviews["settled"].items()
        return frozenset(
            measure.removeprefix(FIGURE)
            for measure, answer in consensus
            if measure.startswith(FIGURE) and not answer["shows"]
        )

    @cached_property
    def places(self) -> list[dict[str, Any]]:
        """Where people say that figures stand, by measure: the box in page pixels, and who says so.

        The place that was given last counts, as in the leader's area, unless people have settled
        since that the figure is not there.
        """
        wide, high = self.document["page_width"], self.document["page_height"]
        latest = {
            measure: (share, review["coder"])
            for review in self.active_reviews
            for measure, share in review["places"].items()
            if review["answers"].get(measure) and self.consensus.get(measure) is not False
        }
        return [
            {
                "measure": measure,
                "coder": coder,
                "box": [x0 * wide, y0 * high, x1 * wide, y1 * high],
            }
            for measure, ((x0, y0, x1, y1), coder) in sorted(latest.items())
        ]

    @property
    def active_reviews(self) -> list[Mapping[str, Any]]:
        """The reviews that nobody has withdrawn, the oldest first."""
        return [one for one in self.reviews["reviews"] if one["withdrawn_at"] is None]

    @property
    def persons(self) -> list[Mapping[str, Any]]:
        """The persons that were detected, from left to right."""
        people = [one for one in self.detections(PERSON) if one["label"] == "person"]
        return sorted(people[:MOST_PERSONS], key=lambda one: one["box"][0])

    @property
    def shown(self) -> Mapping[str, Any]:
        """The photo without sightings that people have rejected, to be put in words."""
        figures = [one for one in self.document["figures"] if one["name"] not in self.rejected]
        return {**self.document, "figures": figures}

    @cached_property
    def labels(self) -> list[MeasureReading]:
        """The labels, the most probable first; those come last that it is not read for yet."""
        labels = sorted(self.document["labels"].items(), key=lambda label: -label[1])
        read = [self._reading(f"{LABEL}{name}", probability) for name, probability in labels]
        names = {one.name for one in read}
        return [
            *read,
            *(self._reading(name, None) for name in self.answerable_labels if name not in names),
        ]

    @cached_property
    def reasons(self) -> list[tuple[str, float]]:
        """The reasons of the focus: sentence, and weight from -1 to 1, the strongest 1 or -1."""
        focus = self.document["focus"] or {"reasons": (), "reasons_text": ()}
        weights = [reason[1] for reason in focus["reasons"]]
        most = max((abs(weight) for weight in weights), default=1.0) or 1.0
        return [
            (text, weight / most)
            for text, weight in zip(focus["reasons_text"], weights, strict=False)
        ]

    @cached_property
    def consensus(self) -> dict[str, bool]:
        """What people have settled, by measure."""
        return {name: answer["shows"] for name, answer in self.reviews["settled"].items()}

    @property
    def focus(self) -> Focus | None:
        """What it is composed around, by people or else by the machine; None: not read yet."""
        verdict = Focus(self.document["focus"]["verdict"]) if self.is_read else None
        return self.decided.focus(self.consensus, verdict)

    @property
    def focus_note(self) -> str | None:
        """Why the machine's verdict decides nothing in the newspaper; None where it does."""
        return self.document["focus"] and self.decided.undecided.get(
            self.document["focus"]["verdict"]
        )

    def in_words(self, spoken: Language) -> dict[str, str]:
        """Return what it shows in words, as people have settled, and by the machine alone."""
        photo = with_decisions(self.document, self.decided)
        return {
            "words": photo_in_words(photo, self.consensus, spoken=spoken),
            "machine_words": photo_in_words(photo, spoken=spoken),
        }

    def reviews_in_words(self, spoken: Language) -> list[dict[str, Any]]:
        """Return the reviews as readers see them, the oldest first."""
        words = {
            True: spoken.text("yes"),
            False: spoken.text("no"),
            None: spoken.text("can't tell"),
        }
        lines = []
        for review in self.active_reviews:
            answers = []
            for measure, shows in review["answers"].items():
                answer = f"{metric_name(measure, spoken)}: {words[shows]}"
                placed = measure in review["places"]
                answers.append(
                    spoken.text("%(answer)s, with the place", answer=answer) if placed else answer
                )
            lines.append(
                {
                    "coder": review["coder"],
                    "adjudicates": review["adjudicates"],
                    "answers": "; ".join(answers),
                    "note": review["note"],
                    "when": spoken.time(review["created_at"]),
                }
            )
        return lines

    @property
    def focus_consensus(self) -> str | None:
        """The focus that people have settled; None where nobody has."""
        consensus = self.reviews["settled"]
        yes = (name for name in FOCUSES if consensus.get(name, {}).get("shows"))
        return next((name.removeprefix("focus_") for name in yes), None)

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """(x, y, width, height) of the photo in pixels of its page."""
        x0, y0, x1, y1 = self.document["box"]
        return x0, y0, max(x1 - x0, 1.0), max(y1 - y0, 1.0)

    def detections(self, shown: float) -> list[Mapping[str, Any]]:
        """Return the detections with a score of ``shown`` or more, best first."""
        return [one for one in self.document["detections"] if one["score"] >= shown]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the readings of the photo as rows; see ``COLUMNS``."""
        yield self._row("photo", "photo", self.document["score"], box=self.document["box"])
        for kind, readings in (("subject", self.subjects), ("label", self.labels)):
            for one in readings:
                low, high = one.interval or (None, None)
                yield {
                    **self._row(
                        kind,
                        one.name.removeprefix(LABEL),
                        one.probability,
                        shown=one.shown if self.is_read else None,
                    ),
                    "count": one.count,
                    "count_low": low,
                    "count_high": high,
                    "people_say": one.consensus,
                }
        focus = self.document["focus"] or {}
        for name in ("leader", "facility"):
            answer = self.reviews["settled"].get(f"focus_{name}")
            shown = focus["verdict"] == name if focus and not self.focus_note else None
            yield {
                **self._row("focus", name, focus.get(name), shown=shown),
                "people_say": answer["shows"] if answer else None,
            }
        for figure in self.document["figures"]:
            sure = figure["answer"] == "yes"
            answer = self.reviews["settled"].get(f"{FIGURE}{figure['name']}")
            yield {
                **self._row(
                    "figure", figure["name"], figure["probability"], shown=sure, box=figure["box"]
                ),
                "people_say": answer["shows"] if answer else None,
            }
        for one in self.document["detections"]:
            yield self._row("detection", one["label"], one["score"], box=one["box"])

    def _row(
        self,
        kind: str,
        name: str,
        probability: float | None,
        *,
        shown: bool | None = None,
        box: Sequence[float] = (None, None, None, None),  # type: ignore[assignment]
    ) -> dict[str, Any]:
        corners = dict(zip(("x0", "y0", "x1", "y1"), box, strict=True))
        return {
            **dict.fromkeys(COLUMNS),
            "kind": kind,
            "name": name,
            "probability": probability,
            "shown": shown,
            "recipe": self.document["recipe"],
            **corners,
        }

    def _reading(
        self,
        name: str,
        probability: float | None,
        count: int | None = None,
        interval: Sequence[int] | None = None,
    ) -> MeasureReading:
        answer = self.reviews["settled"].get(name)
        return MeasureReading(
            name=name,
            probability=probability,
            shown=self.decided.shows(name, probability),
            count=count,
            interval=interval,
            consensus=answer["shows"] if answer else None,
            disputed=name in self.reviews["disagreements"],
        )
