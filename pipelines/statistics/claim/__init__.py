"""Claims: rules over the metrics of editions, and their verdicts."""
