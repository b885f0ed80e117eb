"""Rotations of the bones, from the pose and the hands: frames, limbs, fingers, neck, root motion, visibility."""
