"""How pictures and networks come in: chosen, dropped, pasted, shared, opened with the app."""
