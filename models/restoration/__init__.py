"""Restores printed photos: finds the screen of dots, and takes it out of the pixels."""
