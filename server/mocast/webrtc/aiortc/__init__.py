"""The transport over aiortc and aioice: the only folder that imports them."""
