"""What is drawn on the returned picture: one overlay per file, privacy, and the renderer that puts them together."""
