"""Composed pictures: fireworks, crowds, groups, and the leader on a visit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from presslens.samples.cutout import LEADER, PersonOutline, Wardrobe
from presslens.samples.picture import Generator, Picture, vary
from presslens.samples.truth import PictureTruth

COLOURS = ((255, 210, 120), (255, 120, 90), (140, 190, 255), (170, 255, 170), (255, 160, 230))
Size = tuple[int, int]


def fireworks(backdrop: Picture, rng: Generator) -> Picture:
    """Return a picture of a building by night with bursts in the sky above it."""
    width, height = backdrop.image.size
    sky = Image.new("RGB", (width, height))
    for colour in rng.permutation(len(COLOURS))[: int(rng.integers(2, 5))]:
        for _ in range(int(rng.integers(1, 4))):
            radius = float(rng.uniform(0.12, 0.3)) * min(width, height)
            middle = float(rng.uniform(0.1, 0.9)) * width, float(rng.uniform(0.1, 0.5)) * height
            _burst(ImageDraw.Draw(sky), middle, radius, COLOURS[int(colour)], rng)
    glow = sky.filter(ImageFilter.GaussianBlur(min(width, height) / 60))
    image = ImageChops.add(ImageChops.add(_night(backdrop.image), glow), sky)
    return Picture(image, backdrop.truth.but(fireworks=True, focus="neither"))


def crowd(wardrobe: Wardrobe, size: Size, rng: Generator) -> Picture:
    """Return a picture of a hall full of people in rows, with their exact number."""
    width, height = size
    image = _hall(size, rng)
    rows = int(rng.integers(5, 7))
    tops = np.linspace(0.16, 0.8, rows)
    count = 0
    for share in tops:
        head = round(height * (0.065 + 0.1 * share))
        seats = min(16, max(7, round(width / (head * 1.5))))
        for seat in range(seats):
            x = (seat + 0.5 + float(rng.uniform(-0.15, 0.15))) * width / seats
            y = height * share + float(rng.uniform(-0.12, 0.12)) * head
            who = wardrobe.others[int(rng.integers(len(wardrobe.others)))]
            _stand(image, wardrobe, who, (x, y), head, rng, row_end=0)
            count += 1
    truth = PictureTruth(people=count, crowd=count >= 30)
    return Picture(vary(image, rng, flip=False), truth)


def group(wardrobe: Wardrobe, backdrop: Picture, rng: Generator) -> Picture:
    """Return a picture of three to eight people before a backdrop."""
    width, height = backdrop.image.size
    image = backdrop.image.copy()
    head = round(height * float(rng.uniform(0.16, 0.24)))
    count = min(int(rng.integers(3, 9)), max(2, int(width / (head * 1.15))))
    order = rng.permutation(len(wardrobe.others))
    for place in range(count):
        x = (place + 0.5 + float(rng.uniform(-0.1, 0.1))) * width / count
        y = height * float(rng.uniform(0.42, 0.5))
        cutout = wardrobe.others[int(order[place % len(wardrobe.others)])]
        _stand(image, wardrobe, cutout, (x, y), head, rng)
    return Picture(vary(image, rng), PictureTruth(people=count, buildings=None, focus="neither"))


def visit(wardrobe: Wardrobe, backdrop: Picture, rng: Generator) -> Picture:
    """Return a picture of the leader before a backdrop, with up to three companions."""
    width, height = backdrop.image.size
    image = backdrop.image.copy()
    head = round(height * float(rng.uniform(0.2, 0.28)))
    companions = min(int(rng.integers(0, 4)), int(width / (head * 1.3)) - 1)
    places = np.linspace(0.12, 0.88, companions + 1) if companions > 0 else np.array([0.5])
    middle = int(np.argmin(np.abs(places - 0.5)))
    order = rng.permutation(len(wardrobe.others))
    for place, share in enumerate(places):
        if place != middle:
            spot = float(share) * width, height * 0.5
            companion = wardrobe.others[int(order[place])]
            _stand(image, wardrobe, companion, spot, round(head * 0.8), rng)
    spot = float(places[middle]) * width, height * 0.34
    _stand(image, wardrobe, LEADER, spot, head, rng)
    truth = PictureTruth(people=max(0, companions) + 1, buildings=None, leader=True, focus="leader")
    return Picture(vary(image, rng), truth)


@dataclass(frozen=True, slots=True)
class _Ray:
    """One trail of a burst: its unit direction and its length in pixels."""

    x: float
    y: float
    length: float


def _burst(
    draw: ImageDraw.ImageDraw,
    middle: tuple[float, float],
    radius: float,
    colour: tuple[int, int, int],
    rng: Generator,
) -> None:
    angles = rng.uniform(0, 2 * np.pi, int(rng.integers(45, 110)))
    for angle in angles:
        reach = radius * float(rng.uniform(0.55, 1.0))
        ray = _Ray(float(np.cos(angle)), float(np.sin(angle)), reach)
        points = [_along(ray, middle, t) for t in np.linspace(0.12, 1.0, 9)]
        for step in range(len(points) - 1):
            # Trails are brightest at their tips and sink a little: that is what gravity does.
            light = 0.35 + 0.65 * step / len(points)
            shade = tuple(round(c * light) for c in colour)
            draw.line((*points[step], *points[step + 1]), fill=shade, width=1 + (radius > 90))
        x, y = points[-1]
        dot = max(1.0, radius / 70)
        draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=(255, 250, 235))


def _along(ray: _Ray, middle: tuple[float, float], share: float) -> tuple[float, float]:
    way = ray.length * share
    return middle[0] + ray.x * way, middle[1] + ray.y * way + 0.16 * ray.length * share**2


def _night(image: Image.Image) -> Image.Image:
    """Return a picture as it would look by night: dark above, lit from below, blue."""
    height = image.height
    pixels: NDArray[np.float64] = np.asarray(image, dtype=np.float64)
    light = np.linspace(0.14, 0.62, height)[:, None, None]
    dark = pixels.mean(axis=2, keepdims=True) * 0.4 + pixels * 0.6
    blue = dark * light * np.array([0.75, 0.8, 1.1])
    return Image.fromarray(np.clip(blue, 0, 255).astype(np.uint8))


def _hall(size: Size, rng: Generator) -> Image.Image:
    """Return the dim inside of a hall: a warm gradient with a row of lamps."""
    width, height = size
    warm = np.array([92.0, 66.0, 48.0]) * float(rng.uniform(0.6, 1.2))
    ramp = np.linspace(1.3, 0.5, height)[:, None, None]
    pixels = np.broadcast_to(warm * ramp, (height, width, 3))
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for lamp in range(int(rng.integers(4, 9))):
        x, r = width * (lamp + 0.5) / 8, height * 0.012
        draw.ellipse((x - r, height * 0.04 - r, x + r, height * 0.04 + r), fill=(255, 240, 200))
    return image.filter(ImageFilter.GaussianBlur(1.2))


def _stand(
    image: Image.Image,
    wardrobe: Wardrobe,
    cutout: PersonOutline,
    at: tuple[float, float],
    head: int,
    rng: Generator,
    *,
    row_end: int = 1 << 30,
) -> None:
    person = wardrobe.person(cutout, head=head)
    alpha = person.image.getchannel("A")
    lit = ImageEnhance.Brightness(person.image.convert("RGB")).enhance(float(rng.uniform(0.7, 1.2)))
    lit.putalpha(alpha)
    middle = person.head
    if rng.random() < 0.5:
        lit, middle = ImageOps.mirror(lit), (lit.width - middle[0], middle[1])
    # Nobody floats: who is cut off at the waist is lowered to the picture's lower edge.
    top = max(round(at[1]) - middle[1], min(row_end, image.height) - lit.height)
    image.paste(lit, (round(at[0]) - middle[0], top), lit)
