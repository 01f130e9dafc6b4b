"""Trains and measures the models; nothing that runs in service imports it."""
