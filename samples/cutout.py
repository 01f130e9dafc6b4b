"""Persons cut out of the source photographs, to be set into other pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image, ImageDraw, ImageFilter

from presslens.samples.sources import Sources

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class PersonOutline:
    """A person's outline in a source photograph, in shares of its width and height."""

    file: str  # the source
    head: tuple[float, float, float]  # the middle of the head (x, y), and its height
    outline: tuple[Point, ...]  # a polygon around the person


# fmt: off
LEADER = PersonOutline("obama3.jpg", (0.53, 0.178, 0.17), (
    (.54, .094), (.48, .104), (.44, .13), (.428, .165), (.425, .178), (.404, .184), (.407, .21),
    (.42, .222), (.435, .225), (.455, .25), (.452, .27), (.44, .278), (.423, .294), (.381, .312),
    (.235, .332), (.215, .348), (.199, .394), (.199, .6), (.27, .604), (.274, .624), (.235, .688),
    (.202, .786), (.199, .894), (.248, .902), (.251, .998), (.762, .998), (.772, .896),
    (.811, .892), (.775, .656), (.762, .6), (.814, .566), (.814, .438), (.801, .35), (.749, .328),
    (.629, .312), (.61, .285), (.603, .265), (.615, .24), (.635, .228), (.65, .205), (.645, .185),
    (.632, .14), (.616, .115), (.58, .098)))

OTHERS = (
    PersonOutline("grace_hopper.jpg", (0.52, 0.28, 0.46), (
        (.40, .07), (.52, .035), (.63, .075), (.69, .14), (.73, .16), (.725, .23), (.735, .33),
        (.72, .40), (.69, .42), (.66, .50), (.65, .53), (.72, .58), (.88, .61), (.94, .64),
        (1, .75), (1, 1), (.05, 1), (.05, .70), (.08, .64), (.30, .58), (.375, .54), (.38, .50),
        (.33, .48), (.315, .42), (.31, .34), (.32, .27), (.33, .25), (.295, .2), (.31, .15),
        (.34, .14))),
    PersonOutline("biden.jpg", (0.59, 0.155, 0.21), (
        (.62, .045), (.52, .055), (.45, .08), (.43, .11), (.43, .135), (.40, .14), (.405, .17),
        (.43, .20), (.44, .225), (.41, .235), (.40, .265), (.26, .275), (.10, .285), (.05, .31),
        (.04, .40), (.05, .5), (.09, .562), (.10, .956), (.177, .998), (.864, .998), (.877, .922),
        (.97, .908), (.964, .814), (.918, .724), (.886, .652), (.886, .562), (.968, .552),
        (.99, .5), (.99, .42), (.93, .336), (.86, .30), (.73, .262), (.70, .24), (.74, .215),
        (.765, .18), (.775, .13), (.78, .10), (.75, .065), (.70, .05))),
    PersonOutline("astronaut.png", (0.445, 0.18, 0.32), (
        (.47, .03), (.40, .035), (.33, .08), (.30, .15), (.31, .22), (.36, .245), (.37, .29),
        (.30, .29), (.24, .33), (.22, .40), (.15, .47), (.11, .53), (.07, .6), (.055, .68),
        (.08, .78), (.06, .85), (.06, .94), (.10, 1), (.60, 1), (.57, .94), (.56, .85),
        (.58, .76), (.64, .70), (.71, .675), (.69, .58), (.66, .53), (.595, .52), (.58, .40),
        (.54, .33), (.50, .29), (.505, .26), (.56, .24), (.59, .16), (.57, .10), (.54, .05))),
    PersonOutline("zidane.jpg", (0.45, 0.43, 0.24), (
        (.608, .63), (.564, .601), (.522, .562), (.508, .516), (.508, .448), (.516, .427),
        (.514, .377), (.502, .335), (.488, .31), (.424, .313), (.398, .324), (.366, .452),
        (.232, .448), (.202, .477), (.18, .544), (.16, .616), (.136, .744), (.136, .904),
        (.204, .94), (.246, .998), (.494, .998), (.516, .858), (.516, .747), (.522, .712),
        (.542, .708), (.584, .726), (.602, .733), (.612, .715), (.624, .644))),
    PersonOutline("zidane.jpg", (0.768, 0.21, 0.33), (
        (.765, .055), (.72, .09), (.703, .17), (.705, .22), (.70, .27), (.71, .33), (.69, .36),
        (.63, .39), (.60, .45), (.588, .55), (.595, .75), (.59, .88), (.61, 1), (.885, 1),
        (.88, .93), (.855, .78), (.84, .68), (.86, .64), (.89, .60), (.897, .57), (.86, .565),
        (.83, .47), (.80, .41), (.80, .38), (.82, .34), (.833, .22), (.835, .15), (.82, .09),
        (.79, .06))),
    PersonOutline("bus.jpg", (0.163, 0.397, 0.06), (
        (.159, .368), (.13, .378), (.128, .40), (.135, .425), (.085, .44), (.07, .51), (.085, .56),
        (.087, .645), (.09, .72), (.07, .795), (.07, .82), (.13, .835), (.13, .80), (.165, .68),
        (.19, .70), (.215, .79), (.22, .825), (.305, .82), (.255, .795), (.23, .657), (.24, .633),
        (.232, .54), (.25, .50), (.217, .44), (.195, .42), (.197, .385))),
    PersonOutline("bus.jpg", (0.355, 0.405, 0.055), (
        (.351, .376), (.332, .39), (.333, .42), (.316, .45), (.29, .4885), (.303, .5366),
        (.287, .647), (.303, .705), (.316, .789), (.359, .795), (.367, .753), (.375, .717),
        (.415, .669), (.407, .561), (.428, .5125), (.415, .4645), (.383, .4465), (.38, .40))),
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Placed:
    """A scaled cut-out: its pixels with alpha, and the middle of its head in them."""

    image: Image.Image
    head: tuple[int, int]


@dataclass(slots=True)
class Wardrobe:
    """Cuts persons out of the sources, each outline only once."""

    sources: Sources  # the folder of the photographs
    others: Sequence[PersonOutline] = OTHERS  # the persons beside the leader
    _whole: dict[PersonOutline, tuple[Image.Image, Point]] = field(default_factory=dict)

    def person(self, cutout: PersonOutline, *, head: int) -> Placed:
        """Return a person whose head is ``head`` pixels high."""
        if cutout not in self._whole:
            self._whole[cutout] = _outlined(self.sources.photo(cutout.file), cutout)
        whole, middle = self._whole[cutout]
        factor = head / (cutout.head[2] * self.sources.photo(cutout.file).height)
        size = max(1, round(whole.width * factor)), max(1, round(whole.height * factor))
        scaled = whole.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
        return Placed(scaled, (round(middle[0] * factor), round(middle[1] * factor)))


def _outlined(photo: Image.Image, cutout: PersonOutline) -> tuple[Image.Image, Point]:
    width, height = photo.size
    points = [(x * width, y * height) for x, y in cutout.outline]
    mask = Image.new("L", photo.size)
    ImageDraw.Draw(mask).polygon(points, fill=255)
    mask = mask.filter(ImageFilter.GaussianBlur(max(0.7, height / 700)))
    xs, ys = [x for x, _ in points], [y for _, y in points]
    box = int(min(xs)), int(min(ys)), min(width, int(max(xs)) + 1), min(height, int(max(ys)) + 1)
    person = photo.copy()
    person.putalpha(mask)
    return person.crop(box), (cutout.head[0] * width - box[0], cutout.head[1] * height - box[1])
