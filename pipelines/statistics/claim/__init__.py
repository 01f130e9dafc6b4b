"""Claims: rules over what is known of editions, and verdicts on them."""
