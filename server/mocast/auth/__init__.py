"""Authentication: tokens become principals, and principals make tokens for others."""
