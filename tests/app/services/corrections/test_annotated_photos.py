"""Photos that come back are known by their ids, or else by their boxes."""

from presslens.app.db.photos import PhotoRow
from presslens.app.services.annotations.annotated import AnnotatedPage, AnnotatedPhoto
from presslens.app.services.corrections.annotated_photos import PageDifference, page_difference
from presslens.models.geometry import Box


def on_page(photo_id, box):
    return PhotoRow(id=photo_id, x0=box.x0, y0=box.y0, x1=box.x1, y1=box.y1, by_hand=False)


def test_a_page_that_was_analysed_anew_is_known_by_its_boxes():
    size, same, other = (100, 100), Box(10, 10, 40, 40), Box(50, 50, 90, 90)
    before = tuple(AnnotatedPhoto(i, box) for i, box in ((1, same), (2, other)))
    now = [on_page(7, same), on_page(8, Box(51, 50, 89, 93))]

    def difference(*photos):
        return page_difference(AnnotatedPage(1, "A", size, photos, before), now, size)

    assert difference(*before) == PageDifference(unchanged=2)
    moved = difference(AnnotatedPhoto(1, Box(10, 10, 45, 40)), before[1])
    assert moved == PageDifference({7: Box(10, 10, 45, 40)}, unchanged=1)
    assert difference(before[1]) == PageDifference(removed=[7], unchanged=1)
    # Where the box is another one now, nobody knows whether that is right.
    gone = difference(before[0])
    assert (gone.removed, gone.unchanged, len(gone.conflicts)) == ([], 1, 1)


def test_without_the_export_unknown_ids_are_known_by_their_boxes():
    size, same, other = (200, 200), Box(20, 20, 140, 120), Box(20, 130, 140, 190)
    now = [on_page(2, same), on_page(3, other)]

    def difference(*photos):
        return page_difference(AnnotatedPage(1, "A", size, photos), now, size)

    left = AnnotatedPhoto(777, same)
    moved, new = Box(25, 20, 145, 120), Box(150, 20, 190, 60)
    assert difference(left) == PageDifference(unchanged=1, removed=[3])
    assert difference(AnnotatedPhoto(777, moved)) == PageDifference({2: moved}, removed=[3])
    assert difference(left, AnnotatedPhoto(None, new)) == PageDifference(
        unchanged=1, removed=[3], added=[new]
    )
    # One that is at no photo's place may be any of those that are missing: none is removed.
    far = difference(left, AnnotatedPhoto(778, new))
    assert (far.unchanged, far.left, far.removed, far.added) == (1, 1, [], [])
    assert [str(one) for one in far.conflicts] == ["photo 778 was changed here since the export"]
