"""The interface: state, views and the way to the engine."""
