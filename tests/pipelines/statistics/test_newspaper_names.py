import pytest

from presslens.pipelines.statistics.newspaper_names import edits_to_find, folded, name_parts


@pytest.mark.parametrize(
    ("name", "text", "edits"),
    [
        ("로동신문", "2024년로동신문3면", 0), ("로동신문", "2024년로몽신문3면", 1),
        ("로동신문", "평양신문", 2),
        ("abc", "", 3), ("", "abc", 0), ("abcd", "abd", 1),
    ],
)  # fmt: skip
def test_a_name_is_found_in_a_text_with_few_changes(name, text, edits):
    assert edits_to_find(name, text) == edits


def test_spellings_are_folded_and_brackets_hold_names():
    assert folded("Rodong-Sinmun ") == folded("rodong sinmun") == "rodongsinmun"
    assert [part.strip() for part in name_parts("견본일보 (Sample Daily)")] == [
        "견본일보 (Sample Daily)", "Sample Daily", "견본일보",
    ]  # fmt: skip
