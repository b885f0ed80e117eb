"""The HTTP API: routes, their requests and responses. The only package that uses aiohttp's server."""
