"""Trains and measures what photos show."""
