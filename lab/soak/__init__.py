"""Proves promises of reliability and security at length, within an hour: ``make soak``.

Each module with a function ``check(seconds) -> Iterable[Proof]`` is a check: it runs for about so
many seconds, or less, on data that it makes in a folder of its own, and yields what it has proven,
figure by figure. A constant ``SHARE`` (1 without it) asks for more of the time than others get. A
check that can't run on this machine raises ``NotHere`` with what is missing.
"""
