"""The rig from landmarks: the rotations of a humanoid's bones, blend shapes, gaze and head pose."""
