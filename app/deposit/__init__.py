"""Deposits: a snapshot as a data set that repositories take as it is, and its verification."""
