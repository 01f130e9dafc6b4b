"""Failpoints are where their list says, once each, and nothing in service can arm one."""

import ast
from collections import Counter
from pathlib import Path

import pytest

from presslens.pipelines.failpoints import Failpoint, WhenStruck, arm, around, reach

ROOT = Path(__file__).parents[2]


MOMENTS = {"around": 2, "reach": 1}
"""How many moments of a failpoint a call comes to."""


def is_failpoint(node):
    return isinstance(node, ast.Name) and node.id == Failpoint.__name__


def calls():
    """Yield the calls in the modules that know failpoints, each with the path of its file."""
    for folder in ("app", "models", "pipelines"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "failpoints" in (text := path.read_text()):
                for node in ast.walk(ast.parse(text)):
                    if isinstance(node, ast.Call):
                        yield str(path.relative_to(ROOT)), node


def test_each_failpoint_stands_at_one_place_of_the_code():
    places = Counter()
    for _, call in calls():
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        point = call.args[0] if call.args else None
        if name in MOMENTS and isinstance(point, ast.Attribute) and is_failpoint(point.value):
            places[Failpoint[point.attr]] += MOMENTS[name]
    assert places == dict.fromkeys(Failpoint, len(WhenStruck))


def test_only_soaking_arms_failpoints():
    arming = {
        path
        for path, call in calls()
        if isinstance(call.func, ast.Name | ast.Attribute)
        and (call.func.id if isinstance(call.func, ast.Name) else call.func.attr) == "arm"
    }
    assert {Path(path).parent.as_posix() for path in arming} <= {"lab/soak"}


def test_an_armed_failpoint_is_come_to_before_and_after_unless_it_raises():
    come = []
    arm(lambda point, moment: come.append((point, moment)))
    try:
        with around(Failpoint.STORE_SYNC):
            assert come == [(Failpoint.STORE_SYNC, WhenStruck.BEFORE)]
        with pytest.raises(OSError, match="broken"), around(Failpoint.VIEW_SYNC):
            raise OSError("broken")
    finally:
        arm(None)
    reach(Failpoint.STORE_SYNC, WhenStruck.AFTER)
    assert come == [
        (Failpoint.STORE_SYNC, WhenStruck.BEFORE),
        (Failpoint.STORE_SYNC, WhenStruck.AFTER),
        (Failpoint.VIEW_SYNC, WhenStruck.BEFORE),
    ]
