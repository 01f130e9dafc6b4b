"""The tables of the exports, one module for each part of the data."""
