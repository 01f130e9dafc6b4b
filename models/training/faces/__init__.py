"""Trains and measures the recognition of enrolled figures."""
