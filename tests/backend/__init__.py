"""The server's parts, each by itself."""
