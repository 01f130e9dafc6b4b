"""Evaluation of the stations on labelled photographs and composed pages."""
