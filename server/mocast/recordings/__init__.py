"""Recordings: written while a room is live, kept for a while, exported as animation files."""
