"""Mocast: what is drawn on the returned picture, one overlay per file."""
