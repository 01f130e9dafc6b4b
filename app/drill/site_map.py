"""The pages of a running service, one of each kind: all that is checked and pictured."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx2

from presslens.app.api import links

RULE = "share(children) > 5 %"
"""A rule that any newspaper can be judged by."""

CODER = "Ann"
"""Who sits at the desk of the latest sample."""


def page_addresses(server: str) -> dict[str, str]:
    """Return an address of each kind of page of a server, see ``page_paths``."""
    with httpx2.Client(base_url=server, trust_env=False, timeout=60) as client:
        return {name: f"{server}{path}" for name, path in page_paths(client).items()}


def page_paths(client: httpx2.Client) -> dict[str, str]:
    """Return a path of each kind of page by its name; of rows, those of the latest edition.

    Args:
        client: Asks a server with at least one analysed edition that has a photo.

    Raises:
        LookupError: There is no such edition.
    """

    def ask(path: str, **query: Any) -> Any:
        answer = client.get(f"{links.ROOT}/{path}", params=query)
        answer.raise_for_status()
        return answer.json()

    photos = ask("photos", sort="-date", limit=1)["photos"]
    if not photos:
        raise LookupError("no photo is analysed yet")
    photo = photos[0]
    figures, papers = ask("figures")["figures"], ask("publications")["publications"]
    samples, trainings = ask("samples")["samples"], ask("trainings")["trainings"]
    of_paper = ask("claims", publication=photo["publication"], limit=1)["claims"]
    claims = of_paper or ask("claims", limit=1)["claims"]
    compared = client.get(f"{links.ROOT}/photos/{photo['id']}/similar", params={"limit": 1})
    tried = {"publication": photo["publication"], "rule": RULE, "from": photo["date"]}
    paths = {
        "start": "/",
        "timeline": f"/timeline?publication={photo['publication']}",
        "edition": f"/editions/{photo['edition']}",
        "page": f"/pages/{photo['page']}",
        "correct": f"/pages/{photo['page']}?mode=correct",
        "photo": f"/photos/{photo['id']}",
        "gallery": "/gallery",
        "sheet": "/gallery/sheet",
        "compare": "/compare",
        "ask": "/ask",
        "asked": "/ask?q=Were+there+more+children+than+usual+in+the+latest+edition%3F",
        "unusual": "/ask?q=Was+the+latest+edition+unusual%3F",
        "claims": "/claims",
        "claim_new": "/claims/new",
        "rule": f"/claims/test?{urlencode(tried)}",
        "figures": "/figures",
        "labels": "/labels",
        "upload": "/upload",
        "trash": "/trash",
        "edits": "/edits",
        "review": "/review",
        "mine": f"/review/mine?coder={CODER}",
        "talk": "/review/talk",
        "planner": "/review/new?measure=children",
        "runs": "/runs",
        "night": "/night",
        "export": "/export",
        "method": "/method",
        "privacy": "/privacy",
        "docs": "/docs",
        "login": "/login",
        "account": "/account",
        "accounts": "/accounts",
        "audit": "/audit",
        "share": "/share",
        "search": f"/search?q={photo['date']}",
    }
    paths["newspapers"] = "/newspapers"
    paths["newspaper"] = f"/newspapers/{papers[0]['id']}"
    if compared.is_success:  # a photo without stored features is compared with no other
        paths["similar"] = f"/gallery?like={photo['id']}"
    if claims:
        paths["claim"] = f"/claims/{claims[0]['id']}"
        paths["question"] = f"/ask/{claims[0]['id']}"
    if samples:
        paths["desk"] = f"/review/{samples[0]['id']}?coder={CODER}"
        paths["disagreements"] = f"/review/{samples[0]['id']}/disagreements?coder={CODER}"
        paths |= {name: f"/review/{samples[0]['id']}/{name}" for name in ("team", "codebook")}
    if trainings:
        paths["training"] = f"/review/training/{trainings[0]['id']}"
    if figures:
        paths["figure"] = f"/figures/{figures[0]['id']}"
    return paths
