"""Bones from the pose and the hands: frames, limbs, fingers, neck, root motion, and what of a body is visible."""
