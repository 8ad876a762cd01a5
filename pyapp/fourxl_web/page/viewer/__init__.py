"""The viewer that shows original and result side by side, of any size, at any zoom."""
