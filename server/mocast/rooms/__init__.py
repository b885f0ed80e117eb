"""Rooms: one publisher, its streams, and any number of subscribers."""
