"""Which networks a frame may skip: quality profiles, re-detection, back-off and frame skipping."""
