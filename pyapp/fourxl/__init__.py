"""The engine of 4XL: images in, tiles through a runtime, a picture four times larger out.

It knows files, pixels and tiles; a host gives it a runtime that computes one tile. The same
code runs in CPython and in the browser (Pyodide).
"""

__version__ = "0.1.0"
