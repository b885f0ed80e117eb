"""Recorded motion as files that other programs read: BVH and VRM Animation, from JSON lines."""
