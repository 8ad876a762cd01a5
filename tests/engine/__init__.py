"""The engine's tests, one module for each module of ``fourxl``."""
