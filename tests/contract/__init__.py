"""Laws that every runtime obeys."""
