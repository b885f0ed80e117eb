"""Recorded motion as files that other programs read: BVH, VRM Animation, VMD, TRC and C3D, from JSON lines."""
