"""The way to a server, and whether a picture may take it."""
