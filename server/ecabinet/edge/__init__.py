"""The wire: HTTP by aiohttp, pushes by socket.io. Tied to no slice; slices hand in routes."""
