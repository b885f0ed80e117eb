"""Finds people in pictures: the engines behind one protocol, and the pool that has their trackers ready.

Only the modules of an engine's own folder know its library, and it is imported when the first tracker is built.
"""
