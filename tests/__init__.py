"""Rings of tests, from the engine by itself to the page in a real browser."""
