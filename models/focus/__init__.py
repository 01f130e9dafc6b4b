"""Scores whether the leader or the facility is what a photo is composed around."""
