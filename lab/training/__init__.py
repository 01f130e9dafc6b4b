"""Training and evaluation of the models; nothing that runs in service imports it."""
