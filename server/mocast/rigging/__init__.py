"""Landmarks into what moves an avatar: a humanoid's rotations, a face's shapes, gaze and the pose of the head."""
