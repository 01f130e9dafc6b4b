"""The pictures of the benchmark: the openly licensed ones of ``samples/sources.toml``, and more."""

from __future__ import annotations

from presslens.samples.catalogue import PORTRAIT, SHOTS, WHOLE, Shot
from presslens.samples.cutout import LEADER, OTHERS, PersonOutline
from presslens.samples.truth import PictureTruth

WITHHELD = frozenset({
    "bus.jpg", "zidane.jpg", "mountain.jpg", "waterfall.jpg", "motorcycle_left.png",
    "motorcycle_right.png",
})  # fmt: skip
"""Files of ``samples/sources.toml`` for which nobody states a licence: they are not used."""

_SPEECH = PictureTruth(people=None, several=True, crowd=None)

OPEN_SHOTS: tuple[Shot, ...] = (
    *(shot for shot in SHOTS if shot.file not in WITHHELD),
    Shot("obama.jpg", WHOLE, (0.3, 0.02, 0.75, 0.42), PORTRAIT, "person"),
    Shot("obama.jpg", (0.05, 0.0, 0.97, 0.62), (0.3, 0.02, 0.75, 0.42), PORTRAIT, "person"),
    Shot("obama2.jpg", (0.0, 0.08, 1.0, 0.72), (0.28, 0.12, 0.88, 0.56), _SPEECH, "person"),
)
"""What single photos print. The sample editions keep two of these for the leader's enrolment."""

ROLES = {
    "portrait": ("person", "leader"),
    "building": ("building",),
    "facility": ("facility",),
    "scenery": ("scenery",),
}
"""The roles of ``samples.catalogue`` by the kinds of single photos that print them as they are."""

BACKDROPS = tuple(shot for shot in OPEN_SHOTS if shot.role == "building")
"""Buildings that fireworks burst over and that people stand before."""

# fmt: off
PEOPLE: tuple[PersonOutline, ...] = (
    *(outline for outline in (LEADER, *OTHERS) if outline.file not in WITHHELD),
    PersonOutline("obama.jpg", (0.535, 0.2, 0.35), (
        (.535, .026), (.462, .039), (.408, .078), (.394, .13), (.394, .171), (.374, .173),
        (.374, .214), (.394, .257), (.413, .26), (.425, .298), (.446, .34), (.442, .366),
        (.373, .402), (.211, .464), (.194, .519), (.138, .636), (.073, .791), (.057, .869),
        (.078, .927), (.211, .957), (.217, 1), (.83, 1), (.83, .934), (.883, .83), (.92, .713),
        (.914, .61), (.925, .506), (.908, .457), (.843, .42), (.697, .376), (.642, .33),
        (.652, .266), (.672, .26), (.697, .22), (.703, .182), (.684, .171), (.684, .123),
        (.656, .071), (.608, .039))),
    PersonOutline("obama2.jpg", (0.557, 0.336, 0.395), (
        (.582, .139), (.433, .158), (.353, .214), (.333, .292), (.316, .296), (.326, .344),
        (.358, .366), (.378, .415), (.395, .486), (.358, .508), (.184, .551), (0, .584),
        (0, .899), (1, .899), (1, .56), (.83, .532), (.744, .482), (.751, .418), (.794, .418),
        (.843, .376), (.868, .34), (.843, .324), (.818, .324), (.843, .259), (.83, .214),
        (.769, .169), (.68, .145))),
)
# fmt: on
"""Persons that are cut out and set into other pictures."""
