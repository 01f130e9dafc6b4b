"""Filters take the waves of a screen out and leave the tones."""

import numpy as np
from skimage import data

from presslens.lab.training.printing import bitonal, halftone
from presslens.lab.training.restoration.filters import FilterRestorer
from presslens.models.restoration.screen import printing_of


def test_filtered_halftone_has_no_screen_and_the_same_tone():
    printed = halftone(data.coffee()[:, :400])
    filtered = FilterRestorer().restore(printed).picture
    assert printing_of(filtered).screen is None
    assert abs(float(filtered.mean()) - float(printed.mean())) < 4


def test_photo_without_print_is_returned_itself():
    photo = data.chelsea()
    assert FilterRestorer().restore(photo).picture is photo


def test_bitonal_copy_without_a_screen_is_blurred():
    copy = bitonal(data.coffee()[:100, :100], cell=0.9)
    assert set(np.unique(copy)) <= {0, 255}
    assert len(np.unique(FilterRestorer().restore(copy).picture)) > 2
