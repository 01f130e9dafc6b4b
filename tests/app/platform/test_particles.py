"""Particles of Korean follow the words that are filled in."""

import pytest

from presslens.app.platform.language import language
from presslens.app.platform.particles import with_particles
from presslens.app.web.templating import environment
from presslens.models.message import Message


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("신문이(가) 사진을(를) 면와(과)", "신문이 사진을 면과"),
        ("지도자이(가) 호을(를) 코더과(와)", "지도자가 호를 코더와"),
        ("3장으로 6(으)로 7(으)로 서울(으)로 앞(으)로", "3장으로 6으로 7로 서울로 앞으로"),
        ("12%을(를) 40을(를) 2.5이(가)", "12%를 40을 2.5가"),
        ("‘신보’(이)라는 '신문'(이)라는", "‘신보’라는 '신문'이라는"),
        ("<b>신보</b>은(는) 사진(3장)은(는)", "<b>신보</b>는 사진(3장)은"),
        ("Daily은(는) `worker`을(를) Kim Jong Un이(가)", "Daily는 `worker`를 Kim Jong Un이"),
        ("Daily Mail(으)로 URL(으)로 PDF이(가) XML을(를)", "Daily Mail로 URL로 PDF가 XML을"),
        ("Park이(가) Sinmun(신문)을(를)", "Park이(가) Sinmun(신문)을"),
    ],
)
def test_the_last_sound_chooses(text, chosen):
    assert with_particles(text) == chosen


def test_pages_errors_and_counts_choose():
    korean = language("ko")
    assert korean.text("there is no newspaper %(name)r", name="신보").startswith("'신보'라는")
    assert korean.say(Message("there is no newspaper %(name)r", name="신문")).startswith(
        "'신문'이라는"
    )
    template = environment("ko").from_string('{{ _("Signed in as %(name)s", name=name) }}')
    assert template.render(name="<민지>") == "&lt;민지&gt;(으)로 로그인됨"
    assert template.render(name="민지") == "민지로 로그인됨"
