"""Many processes as one server: which nodes there are, and which of them each room belongs to."""
