"""The laboratory: training, evaluation, timings and trials of the program; no wheel holds it."""
