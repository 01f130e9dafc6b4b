"""The pages of samples, the desk of a coder, and a batch that is answered without a server."""

import base64
import csv
import hashlib
import io
import json
import re

import pytest

from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.language import language
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.web.question_words import HINTS, QUESTIONS, question_words, strata_words
from presslens.app.web.review_batch import bundle
from presslens.app.web.sample_planner import width_chart
from presslens.app.web.static_files import build

from ..answers import csv_rows
from ..cli.conftest import installed, invoke
from ..first_states import made_once
from .conftest import shown

HTML = {"accept": "text/html"}
SAMPLES = "/api/v1/samples"
__all__ = ["installed"]


@pytest.fixture
@made_once
def sample(client, photos):
    body = {"measures": ["people", "focus_leader"], "items": 3, "second": 1.0, "name": "mine"}
    return client.post(SAMPLES, json=body).json()["id"]


@pytest.fixture
def answer(client, sample):
    def post(number, item, shows=True, coder="A", **rest):
        one = {"client_id": f"device-{number}", "item": item, "answers": {"people": shows}, **rest}
        body = {"coder": coder, "answers": [one]}
        return client.post(f"{SAMPLES}/{sample}/answers", json=body).json()

    return post


def test_a_sample_is_planned_and_drawn(client, photos):
    page = shown(client, "/review/new")
    assert 'value="children"' in page
    assert "What to expect" not in page
    query = {"measure": ["people"], "items": 2}
    plan = client.get("/review/new.json", params=query).json()
    assert (plan["frame"]["photos"], plan["seed"], plan["chosen"]["photos"]) == (3, 0, 3)
    page = shown(client, "/review/new", **query)
    assert "3 photos of 3 in 1 complete edition:" in page
    assert "seed 0 makes" in page
    assert "Which differences it shows" in page
    assert "takes editions of several days" in page
    asked = {"metric": "people", "drawn": 2}
    power = client.get("/api/v1/stats/power", params=asked).json()
    assert power["drawn"]["width"] == pytest.approx(plan["chosen"]["width"], abs=1e-6)
    rows = csv_rows(client.get("/review/new.csv", params=query))
    assert rows[-1]["photos"] == "3"
    drawn = client.post(
        "/review/new",
        data={"measure": "people", "items": "3", "coders": "A, B", "second": "100", "name": "x"},
        headers=HTML,
        follow_redirects=False,
    )
    assert drawn.status_code == 303
    state = client.get(f"/api/v1/samples/{drawn.headers['location'].split('/')[-1]}").json()
    assert (state["name"], state["coders"], state["second_share"]) == ("x", ["A", "B"], 1.0)
    (edit,) = client.get("/api/v1/edits", params={"action": "draw sample"}).json()["edits"]
    assert (edit["id"], edit["target"], edit["target_id"]) == (state["edit"], "sample", state["id"])
    again = client.post("/review/new", data={"measure": "people", "name": "x"}, headers=HTML)
    assert again.status_code == 422
    assert "take another name" in again.text
    nothing = client.post("/review/new", data={"items": "3"}, headers=HTML)
    assert "choose what is asked" in nothing.text
    pages = client.post("/review/new", data={"kind": "pages", "items": "2"}, headers=HTML)
    assert "Look through the next page" in pages.text


def test_what_would_help_is_drawn_by_one_button(client, photos):
    asked = {"measure": "people", "items": "2", "page": "all", "weight": "count"}
    drawn = client.post("/review/more", data=asked, headers=HTML, follow_redirects=False)
    assert drawn.status_code == 303
    again = client.post("/review/more", data=asked, headers=HTML, follow_redirects=False)
    assert again.headers["location"] == drawn.headers["location"]
    (sample,) = client.get(SAMPLES).json()["samples"]
    assert sample["items"] == 3  # all that there are
    nothing = client.post("/review/more", data={**asked, "measure": "x"}, headers=HTML)
    assert nothing.status_code == 422


def test_one_of_several_measures_leads_and_the_plan_names_it(client, photos):
    query = {"measure": ["people", "children"], "leading": "children"}
    plan = client.get("/review/new.json", params=query).json()
    assert plan["question"]["measures"] == ["children", "people"]
    page = shown(client, "/review/new", **query)
    assert "What to expect: children" in page
    assert "To be drawn: 3 of 3 photos." in page


def test_a_chart_holds_the_chosen_size_beyond_the_others():
    sizes = [{"photos": 50, "width": 0.2}, {"photos": 100, "width": 0.1}]
    chosen = {"photos": 5, "width": 0.6}
    chart = width_chart({"sizes": sizes, "wished": None, "chosen": chosen})
    assert (chart.top, chart.most) == (0.6, 100)
    assert " ".join(chart.line.split()[:1]) == "{},{}".format(*chart.chosen)


def test_a_sample_is_deleted_as_long_as_nobody_has_answered(client, home, photos):
    before = canonical_dump(home)
    made = client.post(SAMPLES, json={"measures": ["people"], "items": 3, "coder": "A"}).json()
    page = shown(client, "/review")
    assert f'data-take-back="{made["edit"]}"' in page
    item = client.get(f"/review/{made['id']}.json?coder=A").json()["open"][0]
    given = [{"client_id": "device-1", "item": item, "answers": {"people": True}}]
    address, undo = f"{SAMPLES}/{made['id']}/answers", f"/api/v1/edits/{made['edit']}/undo"
    told = client.post(address, json={"coder": "A", "answers": given}).json()
    assert "data-take-back" not in shown(client, "/review")
    refused = client.post(undo, json={})
    assert refused.status_code == 409
    assert "people have answered it (answers: 1)" in refused.json()["detail"]
    client.post(f"/api/v1/edits/{told['answers'][0]['edit']}/undo", json={})
    assert client.post(undo, json={}).status_code == 200
    assert client.get(f"{SAMPLES}/{made['id']}").status_code == 404
    assert canonical_dump(home) == before


def test_the_list_tells_what_is_next_and_how_far_coders_agree(client, sample, answer):
    items = client.get(f"/review/{sample}.json?coder=A").json()["open"]
    for number, item in enumerate(items):
        answer(number, item, coder="A", seconds=1.5)
        answer(number, item, number > 0, coder="B")
        focus = {"client_id": f"device-focus-{number}", "item": item, "focus": "neither"}
        for coder in ("A", "B"):
            body = {"coder": coder, "answers": [focus]}
            client.post(f"{SAMPLES}/{sample}/answers", json=body)
    (one,) = client.get("/review.json", params={"coder": "C"}).json()["samples"]
    assert one["coded"]["coders"]["A"] == {
        "items": 3, "assigned": 0, "open": 0, "seconds": 1.5, "pace": 3.0, "days_left": 0,
            "constancy": None,
    }  # fmt: skip
    assert one["coded"]["second"] == {"items": 3, "coded": 3}
    assert (one["open"], one["coded"]["disputed"]) == (0, 1)
    assert one["agreement"][0]["agreement"] == pytest.approx(2 / 3, abs=1e-4)
    page = shown(client, "/review")
    assert "Decide 1 disagreement<" in page
    (row,) = csv_rows(client.get("/review.csv"))
    assert (row["name"], row["disputed"]) == ("mine", "1")
    table = client.get(f"/review/{sample}/disagreements.csv").text
    assert [one["answer"] for one in csv.DictReader(io.StringIO(table))] == ["yes", "no"]
    assert len(csv_rows(client.get(f"/review/{sample}.csv"))) == 0


def test_the_desk_is_blind(client, sample, answer):
    items = client.get(f"/review/{sample}.json?coder=A").json()["open"]
    answer(1, items[0], shows=False, coder="Somebody", note="a statue, I think")
    for address in (f"/review/{sample}", f"/review/{sample}.json?coder=A"):
        text = client.get(address, headers=HTML).text
        for secret in ("a statue", '"probability"', "inclusion", "stratum", "settled", '"shows"'):
            assert secret not in text
    document = client.get(f"/review/{sample}.json?coder=A").json()
    card = document["items"][0]
    assert set(card) == {
        "item", "photo", "publication", "date", "edition", "page", "page_number", "box",
        "page_size", "faces", "image", "large", "page_image",
    }  # fmt: skip
    assert client.get(card["image"]).headers["content-type"] == "image/jpeg"
    assert document["before"] == document["disputes"] == []
    mine = client.get(f"/review/{sample}.json?coder=Somebody").json()["before"]
    assert [(one["item"], one["answer"]) for one in mine] == [(items[0], "no")]


def test_a_batch_is_one_file_that_sends_nothing_and_comes_back(client, installed, sample, tmp_path):
    home = installed
    refused = client.get(f"/review/{sample}/batch", headers=HTML)
    assert refused.status_code == 422
    text = client.get(f"/review/{sample}/batch", params={"coder": "A", "limit": 2}).text
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)[1].replace("&#39;", "'")
    assert "default-src 'none'" in policy
    for name in ("script", "style"):
        body = re.search(f"<{name}>(.*?)</{name}>", text, re.DOTALL)[1]
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert not re.search(r'(?:src|href)="', text)
    data = json.loads(re.search(r'id="batch">(.*?)</script>', text, re.DOTALL)[1])
    assert len(data["items"]) == len(data["open"]) == 2
    assert data["items"][0]["image"].startswith("data:image/jpeg;base64,/9j/")

    before = canonical_dump(home)
    answers = [
        {"client_id": f"offline-{item}", "item": item, "answers": {"people": True}, "seconds": 2}
        for item in data["open"]
    ]
    given = {"presslens": "answers", "sample": sample, "name": "mine", "coder": "A"}
    path = tmp_path / "answers.json"
    path.write_text(json.dumps({**given, "answers": answers}))
    told = [invoke("samples", "import", "mine", path) for _ in range(2)]
    assert "A: answers to 2 photos are new, to 0 known" in told[0].output + told[0].stderr
    assert "A: answers to 0 photos are new, to 2 known" in told[1].output + told[1].stderr
    (edit,) = client.get("/api/v1/edits", params={"coder": "A"}).json()["edits"]
    client.post(f"/api/v1/edits/{edit['id']}/undo")
    assert canonical_dump(home) == before
    path.write_text(json.dumps({**given, "sample": 99, "answers": []}))
    other = invoke("samples", "import", "mine", path, code=1)
    assert isinstance(other.exception, InvalidRequest)


def test_modules_become_one_script():
    script = bundle("review_batch")
    assert "import " not in re.sub(r"/\*.*?\*/|//.*", "", script, flags=re.DOTALL)
    assert not re.search(r"^export ", script, re.MULTILINE)
    assert script.index("module_keyboard =") < script.index("module_review_desk =")


def test_questions_are_those_of_the_codebook():
    english = language("en")
    assert set(HINTS) == set(QUESTIONS)
    figure, label, focus = question_words(["figure:Kim", "label:military_parade", "focus"], english)
    assert figure.text == "Is Kim in the photo?"
    assert label.text == "Does this fit the photo: military parade?"
    assert focus.hint.startswith("The leader:")
    assert strata_words(english) == ["below 10%", "10% to 50%", "50% to 90%", "90% and above"]


PARTS = """async (at) => {
  const { Queue } = await import(`${at}review_queue.js`);
  const { Decisions } = await import(`${at}review_decisions.js`);
  const part = (open, left, mine) => ({
    following: {}, before: [], disputes: [], questions: ["people"], left, progress: { mine }, open,
    items: open.map((item) => ({ item, place: item })),
  });
  const decisions = new Decisions(part([], 0, 0));
  const queue = new Queue(part([1, 2, 3, 4], 9, 2), decisions, false);
  const told = [[queue.isShort, queue.coming, queue.progress]];
  for (const item of [1, 2]) {
    decisions.note({ client_id: `id ${item}`, item, question: "people", answer: "no" });
  }
  // The server knows nothing of 2 as yet; somebody else has coded 4 and 5, and 3 is looked at.
  queue.add(part([2, 6, 7, 8], 5, 3), queue.openItems, 3);
  told.push([[...queue.openItems], queue.coming, queue.progress]);
  queue.ask(decisions.forget("id 2"));
  queue.putOff(3);
  queue.add(part([2, 3, 6, 7], 6, 3), new Set([6, 7, 8]), 2);
  told.push([[...queue.openItems], queue.coming, queue.progress]);
  return told;
}"""


def test_a_large_sample_comes_to_the_desk_part_by_part(served, tab):
    tab.goto(f"{served}/")
    first, second, third = tab.evaluate(PARTS, f"/static/{build()}/js/")
    assert first == [True, 5, {"all": 11, "done": 2}]
    assert second == [[3, 6, 7, 8], 1, {"all": 9, "done": 4}]
    assert third == [[2, 6, 7, 8, 3], 2, {"all": 10, "done": 3}]
