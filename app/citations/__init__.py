"""How numbers and data sets are cited: one declaration, and the formats made from it."""
