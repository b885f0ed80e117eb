"""Low-pass filters in seconds, and the timer that feeds them: the same motion at any frame rate."""
