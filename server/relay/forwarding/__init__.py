"""The arithmetic of forwarding: no sockets, no clocks, no asyncio; times come in as arguments."""
