"""What photos were looked at for: a number about anything else is not known, and never 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from presslens.models.faces.gallery import LEADER, Role
from presslens.models.message import Message
from presslens.pipelines.statistics.measure import FIGURE, LABEL, OF_LEADER
from presslens.pipelines.statistics.plain import PLAIN, Enrolment

LEAD_FOCUS = "front_lead_focus"
"""The name of the front lead's focus, which is neither a share nor a plain metric."""

NO_LEADER = Message(
    "not known: nobody is enrolled as a leader here; enrol with `presslens figures"
    " add`, say whose leader a figure is with `presslens figures role`, or name one with"
    " `presslens analyze --leader`"
)
NOBODY_LEADS = Message("not known: nobody is enrolled as a leader")
"""The same in few words, beside each photo."""

NO_PAIR = Message(
    "not known: fewer than two figures are enrolled; enrol with `presslens figures add`"
)
NO_FRONT = Message("not known: page 1 is not among the pages that were analysed")
NOT_YET = Message("not known: none of its pages is read yet")
NOT_READ = Message(
    "not known: these photos were not looked at for that;"
    " `presslens worker` looks at them again with today's figures and labels"
)


@dataclass(frozen=True, slots=True)
class LookedFor:
    """The figures and labels that photos were looked at for."""

    # The role of each figure that a face could be matched with, by name.
    figures: Mapping[str, Role] = field(default_factory=dict)
    # Enrolled figures whose references wait to be embedded, and their roles.
    waiting: Mapping[str, Role] = field(default_factory=dict)
    # Enrolled figures none of whose references can be used, and their roles.
    unusable: Mapping[str, Role] = field(default_factory=dict)
    # Names of the labels that photos are read for; None: not asked here.
    labels: frozenset[str] | None = None

    @property
    def enrolled(self) -> Mapping[str, Role]:
        """The role of every enrolled figure by name: people can confirm any of them in a photo."""
        return {**self.waiting, **self.unusable, **self.figures}

    @property
    def a_leader(self) -> bool:
        """Whether a leader could have been recognised."""
        return LEADER in self.figures.values()

    def why_not(self, name: str) -> str | None:
        """Return why a number is not known, and what to do; None where it is.

        Args:
            name: A measure, a plain metric, ``leader_unsure`` or ``front_lead_focus``.
        """
        enrolment = PLAIN[name].enrolment if name in PLAIN else Enrolment.NONE
        if name in (*OF_LEADER, "leader_unsure", LEAD_FOCUS) or enrolment is Enrolment.LEADER:
            return None if self.a_leader else self._why_no_leader()
        if enrolment is Enrolment.TWO_FIGURES:
            return None if len(self.figures) > 1 else self._why_no_pair()
        if name.startswith(FIGURE):
            return self._why_not_figure(name.removeprefix(FIGURE))
        if name.startswith(LABEL) and self.labels is not None:
            label = name.removeprefix(LABEL)
            if label in self.labels:
                return None
            return Message("not known: no photo is read for %(label)s", label=repr(label))
        return None

    def unknown_figures(self) -> dict[str, str]:
        """Return the enrolled figures that photos were not looked at for, and why."""
        names = sorted((*self.waiting, *self.unusable))
        return {name: why for name in names if (why := self._why_not_figure(name)) is not None}

    def _why_not_figure(self, name: str) -> str | None:
        if name in self.figures:
            return None
        if name in self.waiting:
            return Message(
                "not known yet: the reference photos of %(name)s wait for a worker to look at them",
                name=name,
            )
        if name in self.unusable:
            return Message(
                "not known: no reference photo of %(name)s can be used; `presslens figures list` "
                "says why",
                name=name,
            )
        return Message(
            "not known: nobody called %(name)s is enrolled; enrol with `presslens figures add`",
            name=repr(name),
        )

    def _why_no_leader(self) -> str:
        for enrolled in (self.waiting, self.unusable):
            for name, role in sorted(enrolled.items()):
                if role == LEADER:
                    return self._why_not_figure(name) or NO_LEADER
        return NO_LEADER

    def _why_no_pair(self) -> str:
        return next(iter(self.unknown_figures().values()), NO_PAIR)
