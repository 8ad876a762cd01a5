"""The engine on a computer: the runtimes it can have there, and the command line."""
