"""The headings of a composition's numbers, in the order of tables."""

from presslens.pipelines.statistics.plain import PLAIN

NUMBERS = {name: metric.heading for name, metric in PLAIN.items() if metric.heading is not None}

SHARES = {
    "people": "people",
    "crowd": "crowd",
    "children": "children",
    "fireworks": "fireworks",
    "buildings": "buildings",
    "leader": "leader seen",
    "focus_leader": "focus on the leader",
    "focus_facility": "focus on the facility",
}
