"""The course of a frame: which region each network sees, in order, and what is read of it."""
