"""Compiled networks, the requests that run them, worker threads, the cache, and whether bf16 pays."""
