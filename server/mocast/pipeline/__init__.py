"""From the newest frame to landmarks and an annotated picture, one worker thread per room; knows protocols only."""
