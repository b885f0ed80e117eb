"""The ``mediapipe`` engine: MediaPipe 0.10.21's networks and calculators in graphs of our own."""
