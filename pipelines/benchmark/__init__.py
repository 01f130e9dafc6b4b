"""Scores of any system on the benchmark that ``samples.benchmark`` makes, and our own predictions.

The scorer reads JSON and CSV files, and shares nothing with the measures of our models: what it
counts is fixed by the version of the benchmark.
"""
