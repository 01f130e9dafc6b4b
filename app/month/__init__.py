"""The month of composed editions: two sample newspapers, to try every part of the program with."""
