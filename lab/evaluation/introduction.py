"""What stands before the figures of the accuracy page: on what, and how, they are measured."""

INTRODUCTION = """\
# Accuracy

Written by `make evaluate`, from labelled photographs and pages that do not come with the project
and from pages that it composes for measuring. Every number names its data and its n: the number of
labelled photos, boxes, faces or positive examples that it was measured on. How a number was kept
apart from training stands beside it: most are cross-validated by event, day or edition, or come
from photos that were held out.

Sections are measured apart, each with the networks and rules of the recipe that it names. A recipe
is another one as soon as any threshold or network is, also one that a section does not use. So a
section under another recipe than the shipped one (`presslens recipes show`) holds for that as far
as nothing that it uses has changed since: the history of `models/recipe.toml` and of
`models/manifest.toml` tells. Compare figures within a section, and with those of another section
only where both name one recipe, or where nothing that they use lies between the two.

Photos are found on every third page of each set of real pages, which is kept for measuring, and on
composed pages in six conditions: clean; scanned askew from old, curled paper; printed in grey
through a newspaper's screen; reduced to 900 × 1300 pixels; copied to black and white; clean ones
photographed by phone, on a desk, turned by up to 18 degrees, in perspective and folded. A composed
page has exact boxes, layouts and photographs of its own that no training uses, and says
nothing about how often such pages occur. No threshold was chosen on them; some were on pages of
other seeds, whose layouts differ but whose photographs are the same. F1, recall and false
photos match found with labelled boxes one to one at IoU 0.5; a merge is a found box that covers
60 % of each of several photos, a split is a photo that no box matches and several boxes lie in;
AP is COCO's, over IoU 0.5 to 0.95. Intervals of F1 draw the pages again.

{context}

Photos whose print shows are restored before they are read, in training as in use. Subjects are read
from photos as they are, as printed (a mixture of degradations by chance, which training sees too),
and in six single degradations whose exact settings training does not choose: in grey, through a
screen of 85 lines an inch, in four inks through screens as fine, copied in black and white from
such a screen, 200 pixels wide, and as a JPEG of quality 30. Whether their probabilities mean what
they say:

![Reliability of the five subjects]({diagram})

Calibration is measured on newspapers that nobody trained for, as far as labelled photos can tell:
each collection of them is left out as a whole, so that the readers, the maps and the children's
estimator are fitted on the others.
{seen}
A collection's web sites are its *sources*, and the photos of a source are dealt into *editions* of
15 and more, events whole. The components are standard deviations in logits, posterior means. The
intervals are those that `presslens stats` gives without a sample: once with the recipe's
components, which were chosen on these collections, and once with components learned without the
left-out collection; how far scores are trusted on the prevalence was chosen on all collections.
An interval wider than {widest:g} is not stated, and counts neither as held nor as missed.
Editions and subjects of one source are not independent, nor a photo as it is and as printed; the
intervals of how many are held take them as if they were, and are too narrow.

The day, the page number and the newspaper's name at the head of a page are read on composed pages
in ten conditions, set in Korean as newspapers set them, and on real pages in the languages that the
machine has. *Another one noticed* is how often a page is doubted that was uploaded with the next
day, the next number or another newspaper; *doubted without a reason* is how often one is that was
uploaded with what it prints.

Reprints are told on prints that are composed of labelled photos: another part of the picture, 70 %
of its area at least, at another size, through what the row names. False pairs are counted among
different photos, and apart among those of one event; takes of one scene are different photos.
"""
"""With ``context``, ``diagram``, ``seen`` and ``widest`` to be filled in."""
