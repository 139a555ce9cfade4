"""Everything on HTTP or a WebSocket: pages, signalling, access."""
