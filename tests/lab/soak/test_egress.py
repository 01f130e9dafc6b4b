"""What strace has seen is read as it is meant: loopback stays, all else leaves."""

import pytest

from presslens.lab.soak.egress import classify, prove

HERE = [
    '12    connect(5, {sa_family=AF_INET, sin_port=htons(8000), sin_addr=inet_addr("127.0.0.1")},'
    " 16) = 0",
    '12    connect(5, {sa_family=AF_UNIX, sun_path="/run/postgresql/.s.PGSQL.5432"}, 110) = 0',
    '12    connect(5, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, "::1",'
    " &sin6_addr)}, 28 <unfinished ...>",
    '13    execve("/usr/bin/python3", ["python3", "-c", "import this"], 0x7f) = 0',
    '12    sendto(5, "GET / HTTP/1.1", 14, MSG_NOSIGNAL, NULL, 0) = 14',
]
ELSEWHERE = [
    '12    connect(5, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("192.0.2.1")},'
    " 16) = -1 EINPROGRESS (Operation now in progress)",
    '12    sendto(5, "x", 1, 0, {sa_family=AF_INET6, sin6_port=htons(9), inet_pton(AF_INET6,'
    ' "2001:db8::1", &sin6_addr)}, 28) = 1',
    "12    sendmsg(5, {msg_name={sa_family=AF_INET, sin_port=htons(9), sin_addr=inet_addr("
    '"198.51.100.7")}, msg_namelen=16}, 0) = 1',
    # A resolver on this machine asks others.
    '12    connect(5, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")},'
    " 16) = 0",
]
FETCHES = [
    '13    execve("/usr/bin/apt-get", ["apt-get", "install", "x"], 0x7f) = 0',
    '13    execve("/usr/bin/python3", ["python3", "-m", "pip", "install", "x"], 0x7f) = 0',
]
ENDS = ["12    +++ exited with 0 +++", "13    --- SIGCHLD {si_signo=SIGCHLD} ---"]


def test_lines_are_told_apart():
    traced = classify("\n".join([*HERE, *ELSEWHERE, *FETCHES, *ENDS]))
    assert traced.calls == len(HERE) + len(ELSEWHERE) + len(FETCHES)
    assert traced.reached == tuple(ELSEWHERE)
    assert traced.fetched == tuple(FETCHES)


def test_one_line_is_enough_to_fall_short():
    quiet = prove("it", classify("\n".join(HERE)))
    loud = prove("it", classify("\n".join([*HERE, ELSEWHERE[0], FETCHES[0]])))
    assert [proof.passed for proof in (*quiet, *loud)] == [True, True, False, False]


def test_a_trace_of_nothing_proves_nothing():
    with pytest.raises(RuntimeError, match="no system call"):
        list(prove("it", classify("")))
