"""Charts and rulers, drawn as pictures."""
