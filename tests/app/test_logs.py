"""The log of requests holds no secret."""

import logging

from app.logs import hide_secrets


def test_the_secret_of_a_share_link_is_not_logged(caplog):
    log = logging.getLogger("test.access")
    log.addFilter(hide_secrets)
    secret = "x" * 43
    with caplog.at_level(logging.INFO, "test.access"):
        log.info('%s - "%s %s" %d', "127.0.0.1:5", "GET", f"/s/ps_0123456789ab_{secret}?x=1", 303)
        log.info('%s - "%s %s" %d', "127.0.0.1:5", "GET", "/editions/1", 200)
    assert [record.getMessage() for record in caplog.records] == [
        '127.0.0.1:5 - "GET /s/ps_0123456789ab_…?x=1" 303',
        '127.0.0.1:5 - "GET /editions/1" 200',
    ]
