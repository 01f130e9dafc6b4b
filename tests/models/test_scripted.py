from datetime import date

import numpy as np
import pytest

from presslens.models.faces.embedding import LENGTH, cosines, distances
from presslens.models.geometry import Box
from presslens.models.scripted import FEATURES, scripted_instruments
from presslens.models.subjects.maps import MAPPED
from presslens.models.subjects.objects import CLASSES
from presslens.models.vocabulary import Folio

SEEN = scripted_instruments()
PHOTOS = [(20, 30, 180, 150), (220, 30, 380, 150), (20, 200, 380, 500)]


def test_blocks_of_ink_are_photos_in_reading_order(draw_page):
    frames = SEEN.photos.find(draw_page(*reversed(PHOTOS))).frames
    assert [f.box.pixels() for f in frames] == PHOTOS


@pytest.mark.parametrize("blocks", [[(10, 10, 30, 400)], [(10, 10, 390, 30)], []])
def test_neither_thin_blocks_nor_bare_paper_are_photos(draw_page, blocks):
    assert SEEN.photos.find(draw_page(*blocks)).frames == ()


def test_features_are_the_mean_colour_of_the_only_place():
    red = np.zeros((9, 9, 3), np.uint8)
    red[:, :, 0] = 255
    places = [SEEN.features.extract(photo) for photo in (red, 255 - red)]
    assert [p.shape for p in places] == [(FEATURES, 1, 1)] * 2
    assert places[0].dtype == np.float32
    assert places[0][:6, 0, 0].tolist() == [1, 0, 0, 1, 0, 0]
    assert places[1][:3, 0, 0].tolist() == [0, 1, 1]


@pytest.mark.parametrize("grid", [(1, 1), (3, 5)])
def test_nothing_is_mapped_anywhere(grid):
    odds = SEEN.maps.map(np.ones((FEATURES, *grid), np.float32))
    assert odds.shape == (len(MAPPED), *grid)
    assert odds.dtype == np.float32
    assert (odds < -5).all()


def test_no_objects_are_seen():
    seen = SEEN.objects.detect(np.zeros((50, 50, 3), np.uint8))
    assert seen.scores.shape == (len(CLASSES),)
    assert (seen.scores < -5).all()
    assert seen.aged.shape == (0, 6)
    assert seen.buildings == ()


def test_red_blocks_are_persons_and_green_ones_faces(draw_page):
    persons = [(40, 40, 60, 90), (100, 50, 130, 130)]
    faces = [(45, 45, 55, 57), (105, 55, 125, 80)]
    photo = draw_page((0, 0, 400, 560), persons=persons, faces=faces)
    found = SEEN.persons.detect(photo, SEEN.objects.detect(photo))
    assert {d.box.pixels() for d in found} == set(persons)
    assert {d.label for d in found} == {"person"}
    (seen,) = SEEN.faces.detect([photo])
    assert [f.box.pixels() for f in seen] == [faces[1], faces[0]]  # the largest first
    assert all(len(f.landmarks) == 5 and f.embedding is None for f in seen)


def test_a_photo_without_blocks_shows_nobody(draw_page):
    photo = draw_page((0, 0, 400, 560))
    assert SEEN.persons.detect(photo, SEEN.objects.detect(photo)) == []
    assert SEEN.faces.detect([photo]) == [[]]
    heads = SEEN.identity.look(photo, [])
    assert SEEN.gate.judge([], heads) == SEEN.identity.embed(photo, [], heads) == []


@pytest.mark.parametrize("boxes", [[], [Box(0, 0, 9, 9)] * 2])
def test_nobody_is_a_child(boxes):
    seen = SEEN.objects.detect(np.zeros((50, 50, 3), np.uint8))
    assert SEEN.children.persons(seen, boxes) == [0.0] * len(boxes)
    assert SEEN.children.faces(seen, boxes) == [0.0] * len(boxes)


def test_faces_of_one_shape_are_one_person(draw_page):
    faces = [(10, 10, 30, 40), (110, 90, 130, 120), (200, 200, 240, 250)]
    photo = draw_page((0, 0, 400, 560), faces=faces)
    (seen,) = SEEN.faces.detect([photo])
    other, *same = SEEN.identity.embed(photo, seen, SEEN.identity.look(photo, seen))
    vectors = np.stack([other, *same])
    assert vectors.shape == (3, LENGTH)
    assert vectors.dtype == np.float32
    assert np.array_equal(*same)
    apart, alike = distances(vectors, vectors), cosines(vectors, vectors)
    assert np.diag(alike) == pytest.approx([1, 1, 1])
    assert (apart[0, 1:] > 0.6).all()
    assert (np.abs(alike[0, 1:]) < 0.2).all()
    assert (apart[1, 2], alike[1, 2]) == pytest.approx((0, 1))


def test_blocks_in_a_row_are_letters(draw_page):
    # four pixels wide is an "a", and so on
    page = draw_page((40, 40, 44, 48), (50, 40, 55, 48), (60, 40, 66, 48))
    assert SEEN.captions.read(page, Box(30, 35, 80, 55), ()).text == "abc"
    assert SEEN.captions.read(page, Box(100, 100, 200, 120), ()).text == ""
    assert SEEN.captions.why_not(()) is None


def test_blue_blocks_at_the_head_are_a_folio(draw_page):
    page = draw_page((40, 40, 140, 140))
    assert SEEN.folios.read(page, [], (), skew=0) == Folio("")
    x = 4
    for letter in "2024-07-27 3 m":
        width = 4 + "0123456789- m".index(letter)
        page[4:10, x : x + width] = (10, 10, 230)
        x += width + 2
    folio = SEEN.folios.read(page, [], (), skew=0)
    assert (folio.day, folio.number, folio.name) == (date(2024, 7, 27), 3, "m")
    assert SEEN.folios.why_not(()) is None
