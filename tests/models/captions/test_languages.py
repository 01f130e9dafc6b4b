import pytest

from presslens.models.captions.languages import pack_of, share_in_script


@pytest.mark.parametrize(
    ("language", "pack"),
    [
        ("ko", "kor"), ("ko-KP", "kor"), ("fa-IR", "fas"), ("zh", "chi_sim"), ("zh-TW", "chi_tra"),
        ("zh-Hant", "chi_tra"), ("sr", "srp"), ("sr-Latn", "srp_latn"), ("tlh", None),
    ],
)  # fmt: skip
def test_languages_have_their_data_by_script(language, pack):
    assert pack_of(language) == pack


@pytest.mark.parametrize(
    ("text", "language", "share"),
    [
        ("공장 CNC", "ko", 0.4), ("工場", "ko", 1.0), ("factory", "ko", 0.0),
        ("Αθήνα", "el", 1.0), ("Athens", "el", 0.0), ("2024, 12", "el", 1.0),
        ("کارخانه", "fa", 1.0), ("ಕಾರ್ಖಾನೆ", "kn", 1.0),
    ],
)  # fmt: skip
def test_letters_are_of_a_script(text, language, share):
    assert share_in_script(text, language) == pytest.approx(share)
