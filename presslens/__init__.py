"""Measures how a newspaper uses photographs.

The folders of this package are links to those beside it: a checkout keeps its layout, and an
installation takes one name.
"""
