"""How long it will take, told before the start and on the way."""
