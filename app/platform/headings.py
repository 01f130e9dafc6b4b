"""The headings of a composition's numbers, in the order of tables."""

from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.plain import PLAIN

NUMBERS = {name: metric.heading for name, metric in PLAIN.items() if metric.heading is not None}

SHARES = {
    **{subject.value: subject.value for subject in Subject},
    "leader": "leader seen",
    "focus_leader": "focus on the leader",
    "focus_facility": "focus on the facility",
}
