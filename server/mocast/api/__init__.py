"""The HTTP border: routes, what they take and what they answer. The only place that knows aiohttp's server."""
