"""Delivers the morning report: into a folder, to one address, by one command that sends mail.

Nothing of it changes what the night has done. What could not be delivered is said, and tried no
more: the report is on record, see ``presslens nightly --history``.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import threading
import time
from collections.abc import Iterator
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import httpx2

from presslens.app.nightly.summary import NightlySummary
from presslens.app.platform.settings import Settings
from presslens.app.web.addresses import Addresses
from presslens.app.web.report import FONT_FACE, STYLES
from presslens.app.web.static_files import STATIC
from presslens.app.web.templating import context, environment

TEMPLATE = "nightly_report.html"


def report_html(summary: NightlySummary, settings: Settings) -> str:
    """Return the morning report of a night that ran.

    Args:
        summary: What the night came to.
        settings: The language of the report, and the address of the site that it links to.
    """
    return (
        environment(settings.report_language)
        .get_template(TEMPLATE)
        .render(
            context(
                to=Addresses(""),
                site=settings.site_address,
                styles=_styles(),
                night=summary.to_json(),
            )
        )
    )


@cache
def _styles() -> str:
    """Return the stylesheet of the site, without the typeface, which is a file of its own."""
    return FONT_FACE.sub("", (STATIC / STYLES).read_text(encoding="utf-8"), count=1)


ATTEMPTS = 3
PAUSE = 1.0
"""Seconds before the second attempt to post; doubled for each further one."""

MOST_NAMED = 20
"""Refused pages that a mail names."""

POST_SECONDS = 10.0
"""How long a server may be silent."""
WEBHOOK_SECONDS = 45.0
"""How long all attempts to post may take."""
MAIL_SECONDS = 60.0


def deliver(summary: NightlySummary, settings: Settings, folder: Path | None) -> list[str]:
    """Deliver a report wherever the settings say; return a sentence for each failure.

    Args:
        summary: What the night came to.
        settings: The webhook, the mail command, the language.
        folder: Where the report is written; None: the folder of the settings, if there is one.
    """
    return list(_delivered(summary, settings, folder or settings.report_folder))


def _delivered(summary: NightlySummary, settings: Settings, folder: Path | None) -> Iterator[str]:
    targets = folder, settings.webhook_url, settings.mail_command
    if not any(targets):
        return
    page = report_html(summary, settings)
    document = json.dumps(summary.to_json(), ensure_ascii=False, indent=1)
    if folder is not None:
        try:
            write_report(folder, f"{summary.began_at:%Y-%m-%dT%H%M%S}", page, document)
        except OSError as error:
            yield f"the report was not written into {folder}: {error.strerror}"
    if settings.webhook_url:
        failure = post_report(settings.webhook_url, document)
        if failure is not None:
            yield f"the report was not posted to PRESSLENS_WEBHOOK_URL: {failure}"
    if settings.mail_command:
        failure = mail_report(settings, summary, page)
        if failure is not None:
            yield f"the report was not mailed by PRESSLENS_MAIL_COMMAND: {failure}"


def write_report(folder: Path, moment: str, page: str, document: str) -> None:
    """Write a report into a folder, and as ``latest``; each file is there whole, or not at all.

    Raises:
        OSError: A file can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in (f"night-{moment}", "latest"):
        for ending, text in (("html", page), ("json", f"{document}\n")):
            half = folder / f".{name}.{ending}.{os.getpid()}"
            half.write_text(text, encoding="utf-8")
            half.replace(folder / f"{name}.{ending}")


def post_report(url: str, document: str) -> str | None:
    """Post a report to an address; return why that failed, None if it didn't.

    What a server may do better the next time, as it is silent, busy or broken, is tried again. A
    redirect is not followed: the report goes to the address that was configured, and to no other.
    A server that answers a byte now and then would hold the night up: it is left alone.
    """
    failures: list[str | None] = []
    thread = threading.Thread(target=lambda: failures.append(_post(url, document)), daemon=True)
    thread.start()
    thread.join(WEBHOOK_SECONDS)
    return failures[0] if failures else f"there was no whole answer in {WEBHOOK_SECONDS:.0f} s"


def _post(url: str, document: str) -> str | None:
    failure: str | None = None
    headers = {"Content-Type": "application/json"}
    with httpx2.Client(timeout=POST_SECONDS, follow_redirects=False, trust_env=False) as client:
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE * 2 ** (attempt - 1))
            try:  # the body of the answer is not read: it may be without end
                with client.stream("POST", url, content=document, headers=headers) as answer:
                    status = answer.status_code
            except httpx2.HTTPError as error:
                failure = f"{type(error).__name__}: {error}"
                continue
            except (httpx2.InvalidURL, ValueError):  # their words may have the address in them
                return "it is no address that can be asked"
            if httpx2.codes.is_success(status):
                return None
            failure = f"it answered with {status}"
            if status < httpx2.codes.INTERNAL_SERVER_ERROR:
                return failure
    return f"{failure}, {ATTEMPTS} times"


def _refused(summary: NightlySummary, settings: Settings) -> Iterator[str]:
    """Yield which pages could not be analysed, up to ``MOST_NAMED``, and what to do about it."""
    for page in summary.refused[:MOST_NAMED]:
        yield page.sentence()
    if len(summary.refused) > MOST_NAMED:
        yield f"and {len(summary.refused) - MOST_NAMED} more: see the attached report"
    if summary.refused:
        yield (
            "give readable scans of these pages, and import the whole edition again; or accept the"
            " gap: `presslens editions settle EDITION`"
        )
    if settings.site_url or settings.public_url:
        yield f"{settings.site_address}/night"


def mail_report(settings: Settings, summary: NightlySummary, page: str) -> str | None:
    """Feed a mail with a report to the configured command; return why that failed, if it did."""
    message = EmailMessage()
    result = "needs a look" if summary.failed else "all went well"
    message["Subject"] = f"Presslens: night of {summary.began_at:%Y-%m-%d}: {result}"
    if settings.mail_to:
        message["To"] = settings.mail_to
    message.set_content(
        "\n".join([summary.text(), *summary.notes, *_refused(summary, settings), ""])
    )
    name = f"night-{summary.began_at:%Y-%m-%d}.html"
    message.add_attachment(page, subtype="html", filename=name)
    command = shlex.split(settings.mail_command)
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, without a shell
            command,
            input=message.as_bytes(),
            capture_output=True,
            timeout=MAIL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not end within {MAIL_SECONDS:.0f} s"
    except OSError as error:
        return f"{command[0]}: {error.strerror}"
    if done.returncode:
        stderr = done.stderr.decode(errors="replace").strip()[-200:]
        return f"it ended with {done.returncode}{f': {stderr}' if stderr else ''}"
    return None
