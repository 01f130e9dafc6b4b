"""Benchmarks of the stations, relative to their networks in the same run.

Machines differ and are shared: a ratio between two times of one run says more than either time.
"""
