"""Retargeting: a rig on a body of other proportions, whose hands and feet are to be where the person's are."""
