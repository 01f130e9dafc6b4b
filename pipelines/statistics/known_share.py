"""What is known of a share before more photos are drawn, and how many answers make it narrower."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.result import Interval, Rounded, Served
from presslens.pipelines.statistics.fitted_photos import FEWEST_DRAWN
from presslens.pipelines.statistics.metrics import Estimate
from presslens.pipelines.written_numbers import percent


@dataclass(frozen=True, slots=True)
class KnownShare(Served):
    """A share as it is known now."""

    SERVED: ClassVar[str] = "value interval width answers refused words"

    value: Rounded | None  # None where nothing was looked at
    interval: Interval | None  # None where there is no honest one
    answers: int  # drawn photos of it that were answered; 0: it is the machine's alone
    refused: str | None  # why there is no interval; None where there is one

    @classmethod
    def of(cls, estimate: Estimate) -> KnownShare:
        """Return what an estimate says."""
        return cls(estimate.value, estimate.interval, estimate.drawn, estimate.refused)

    @property
    def width(self) -> Rounded | None:
        """Width of the interval, 0–1."""
        return None if self.interval is None else self.interval[1] - self.interval[0]

    @property
    def words(self) -> str:
        """The share, its interval and what these rest on."""
        source = Message("the machine alone")
        if self.answers:
            source = counted(self.answers, "drawn answer")
        if self.value is None and self.refused:
            return self.refused
        if self.interval is None:
            return Message(
                "now %(value)s without an interval, by %(source)s",
                value=percent(self.value),
                source=source,
            )
        low, high = map(percent, self.interval)
        return Message(
            "now %(value)s (%(low)s to %(high)s), by %(source)s",
            value=percent(self.value),
            low=low,
            high=high,
            source=source,
        )

    def is_wider(self, width: float | None) -> bool | None:
        """Return whether it is wider than an interval; None where either width is not known."""
        return None if width is None or self.width is None else self.width > width

    def reached(self, wished: float | None) -> Message | None:
        """Return that a wished width is reached; None where it is not, or none is wished."""
        if wished is None or self.is_wider(wished) is not False:
            return None
        return Message(
            "the interval is as narrow already: no more answers are needed for %(wished)s points",
            wished=percent(wished).removesuffix("%"),
        )

    def advice(
        self,
        widths: Mapping[int, float | None],
        enough: int | None,
        *,
        asked: int | None = None,
        wished: float | None = None,
    ) -> str | None:
        """Return which number of answers does not make it narrower, and which one does.

        Args:
            widths: The foreseen widths by the number of further answers.
            enough: Fewest further answers that make it narrower; None: hardly less than all.
            asked: The number in question; None: no number is.
            wished: The wished width, 0–1; None: none is.

        Returns:
            None where each of the numbers makes it narrower, or no width is known.
        """
        if reached := self.reached(wished):
            return reached
        few = [n for n, width in widths.items() if self.is_wider(width) is False]
        if not few:
            return None
        n = asked if asked in few else max(few)
        if enough is None:
            return Message(
                "%(n)s photos are not foreseen to make this narrower than it is; hardly less than"
                " all photos are",
                n=n,
            )
        if self.answers:
            return Message(
                "%(n)s more photos are not foreseen to make this narrower than it is,"
                " %(enough)s are: what is foreseen allows for doubt about the machine",
                n=n,
                enough=enough,
            )
        return Message(
            "%(n)s photos are not foreseen to make this narrower than it is, %(enough)s are: from"
            " %(fewest)s answered photos on the interval rests on them, and no more on what other"
            " newspapers taught the machine",
            n=n,
            enough=enough,
            fewest=FEWEST_DRAWN,
        )
