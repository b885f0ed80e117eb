"""Generated people before a camera, and what a rig makes of their landmarks: the parts of ``bench.avatar_truth``.

What it measures is in a file for each suite: ``arm_suite``, ``feet_suite``, ``pose_suites``, ``trunk_suite``.
"""
