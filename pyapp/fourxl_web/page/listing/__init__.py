"""The list of pictures, as it is drawn and used."""
