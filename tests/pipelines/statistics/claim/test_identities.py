"""Claims know what shares of the same photos have to do with each other."""

import pytest

from presslens.pipelines.statistics.claim.identities import certain, reduced
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import written

TRUE, FALSE, OPEN = TruthValue.TRUE, TruthValue.FALSE, TruthValue.UNDECIDED
A, B, C = (f"share(focus_{name})" for name in ("leader", "facility", "neither"))
SHARES = {
    "focus_leader": (0.3, 0.2, 0.4),
    "focus_facility": (0.2, 0.1, 0.3),
    "focus_neither": (0.5, 0.45, 0.55),
    "people": (0.6, 0.5, 0.7),
    "crowd": (0.58, 0.4, 0.69),
    "leader": (0.4, 0.3, 0.5),
}


@pytest.mark.parametrize(
    ("rule", "truth"),
    [
        (f"{A} + {B} + {C} > 102 %", FALSE), (f"{A} + {B} + {C} = 100 %", TRUE),
        (f"{A} + {B} + {C} <= 1", TRUE), (f"{A} + {B} = 1 - {C}", TRUE),
        (f"2 * ({A} + {B}) + {C} + {C} = 2", TRUE), (f"{A} + {B} > 1 + 2 %", FALSE),
        # 1 - c is known to a tenth where a and b are known to two tenths each.
        (f"{A} + {B} > 40 %", TRUE), (f"{A} + {B} > 52 %", OPEN), (f"{A} + {B} > 56 %", FALSE),
        ("share(crowd) <= share(people)", TRUE), ("share(crowd) > share(people)", FALSE),
        ("share(focus_leader) > share(people) + 1 %", FALSE),
        ("share(focus_leader) <= share(leader)", TRUE), ("share(crowd) < share(people)", OPEN),
        ("share(leader) <= share(crowd)", OPEN),
    ],
)  # fmt: skip
def test_sums_and_orders_of_shares_are_known(verdict, make, rule, truth):
    assert verdict(rule, make(**SHARES)).truth is truth


def test_means_over_editions_keep_the_identities(verdict, make):
    rule = " + ".join(f"mean({share})" for share in (A, B, C))
    assert verdict(f"{rule} = 1", make(**SHARES)).truth is TRUE


def test_without_photos_nothing_is_known(verdict, make):
    nothing = dict.fromkeys(SHARES)
    assert verdict(f"{A} + {B} + {C} = 1", make(**nothing)).truth is OPEN
    assert verdict("share(crowd) <= share(people)", make(**nothing)).truth is OPEN


def test_other_photos_are_no_whole(verdict, make):
    rule = f"{A} + front.{B} + {A} > 102 %"
    assert certain(parse(rule)) is OPEN
    assert reduced(parse(rule)) == parse(rule)


@pytest.mark.parametrize(
    ("rule", "fewer"),
    [
        (f"{A} + {B} > 0.6", f"1 - {C} > 0.6"),
        (f"{A} > 0.6", f"{A} > 0.6"),
        (f"{A} * {B} > 0.6", f"{A} * {B} > 0.6"),
        (f"({A} + {B}) / 2 > {C}", f"0.5 - 1.5 * {C} > 0"),
    ],
)
def test_fewer_shares_say_the_same(rule, fewer):
    assert written(reduced(parse(rule))) == written(parse(fewer))
