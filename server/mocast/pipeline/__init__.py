"""The work on frames: a processor of stages, and drivers that decide which frame is worked on and when."""
