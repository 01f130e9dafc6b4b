"""The languages that type is printed in: Tesseract's data for them, and their letters."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from presslens.models.languages import script_of

_TABLE = """
af:afr am:amh ar:ara as:asm az:aze be:bel bg:bul bn:ben bo:bod br:bre bs:bos ca:cat ceb:ceb
cs:ces cy:cym da:dan de:deu dv:div dz:dzo el:ell en:eng eo:epo es:spa et:est eu:eus fa:fas
fi:fin fil:fil fo:fao fr:fra fy:fry ga:gle gd:gla gl:glg gu:guj he:heb hi:hin hr:hrv ht:hat
hu:hun hy:hye id:ind is:isl it:ita iu:iku ja:jpn jv:jav ka:kat kk:kaz km:khm kn:kan ko:kor
ku:kmr ky:kir la:lat lb:ltz lo:lao lt:lit lv:lav mi:mri mk:mkd ml:mal mn:mon mr:mar ms:msa
mt:mlt my:mya nb:nor ne:nep nl:nld nn:nor no:nor oc:oci or:ori pa:pan pl:pol ps:pus pt:por
qu:que ro:ron ru:rus sa:san sd:snd si:sin sk:slk sl:slv sq:sqi sr:srp su:sun sv:swe sw:swa
syr:syr ta:tam te:tel tg:tgk th:tha ti:tir to:ton tr:tur tt:tat ug:uig uk:ukr ur:urd uz:uzb
vi:vie yi:yid yo:yor zh:chi_sim
az-Cyrl:aze_cyrl sr-Latn:srp_latn uz-Cyrl:uzb_cyrl zh-Hant:chi_tra
"""

_PACKS = dict(pair.split(":") for pair in _TABLE.split())
"""Tesseract's data by language, of which a script may follow that is not its usual one."""

_LETTERS = {
    "Kore": ("HANGUL", "CJK"),
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK"),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Grek": ("GREEK",),
    "Cyrl": ("CYRILLIC",),
    "Deva": ("DEVANAGARI",),
    "Beng": ("BENGALI",),
    "Latn": ("LATIN",),
    "Arab": ("ARABIC",),
    "Hebr": ("HEBREW",),
}
"""How Unicode's names of the letters of a script begin, by the script's code."""


def pack_of(language: str) -> str | None:
    """Return Tesseract's name of its data for a language (BCP 47); None if it has none."""
    own = language.partition("-")[0]
    return _PACKS.get(f"{own}-{script_of(language)}") or _PACKS.get(own)


def share_in_script(text: str, language: str) -> float:
    """Return the share of a text's letters that are of the script of a language, 0–1.

    It is 1 without letters, and for scripts whose letters are not known here.
    """
    names = _LETTERS.get(script_of(language))
    if names is None:
        return 1.0
    own = [unicodedata.name(letter, "").startswith(names) for letter in _letters(text)]
    return sum(own) / len(own) if own else 1.0


def _letters(text: str) -> Iterator[str]:
    return (letter for letter in text if letter.isalpha())
