"""Benchmarks: stations beside their networks' own time, estimators beside those of others.

Machines differ and are shared: a ratio between two times of one run says more than either time.
"""
