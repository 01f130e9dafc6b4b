"""The folder of the encoders that users have added is written whole, or stays as it was."""

import pytest

from presslens.models.encoders.card import EncoderCard
from presslens.models.encoders.own import (
    MANIFEST,
    add_network,
    encoder_names,
    load_manifest,
    remove_encoder,
)
from presslens.models.errors import InvalidEncoder

from ...encoder_networks import SIZE, write_network


def card(name, licence):
    given = {"licence": licence, "source": "made for a test", "width": SIZE, "height": SIZE}
    return EncoderCard.model_construct(name=name, **given)  # as no file is read


def test_a_manifest_holds_any_text_and_is_not_replaced_by_one_that_nobody_can_read(tmp_path):
    network, folder = write_network(tmp_path / "network.onnx"), tmp_path / "encoders"
    add_network(folder, network, card("odd", "MIT \x7f\n\\"))
    assert load_manifest(folder)["encoder-odd"].licence == "MIT \x7f\n\\"
    before = (folder / MANIFEST).read_bytes()
    with pytest.raises(InvalidEncoder, match=r"manifest\.toml can't be written"):
        add_network(folder, network, card("other", "\ud800"))
    assert (folder / MANIFEST).read_bytes() == before
    assert not list(folder.glob("*.part"))
    remove_encoder(folder, "odd")
    assert encoder_names(folder) == []
