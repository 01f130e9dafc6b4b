import numpy as np
import pytest

from presslens.samples.prose import PHRASES, Writer


@pytest.mark.parametrize("characters", [1, 40, 900])
def test_text_is_long_enough_and_ends_with_a_full_stop(characters):
    text = Writer(np.random.default_rng(1)).text(characters)
    assert len(text) >= characters
    assert text.endswith(".")


@pytest.mark.parametrize("kind", PHRASES)
def test_every_kind_has_several_phrases(kind):
    assert len(set(PHRASES[kind])) >= 4
    assert Writer(np.random.default_rng(1)).one_of(kind) in PHRASES[kind]
