"""Generated people before a camera, and what a rig makes of their landmarks: the parts of ``bench.avatar_truth``, a file for each suite."""
