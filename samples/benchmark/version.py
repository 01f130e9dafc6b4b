"""The version of the benchmark."""

BENCHMARK_VERSION = "1"
"""Raised when a picture or its truth changes, so that figures of two versions are never mixed."""
