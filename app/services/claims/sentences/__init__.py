"""Sentences that ask about editions, and the questions that the claims language can say."""
