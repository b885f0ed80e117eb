"""The tracking graph: which networks run on which regions of a frame, in order, and what is read from them."""
