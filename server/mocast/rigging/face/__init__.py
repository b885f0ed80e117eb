"""Head pose, ARKit blend shapes, VRM expressions and gaze from the 478 landmarks of a face."""
