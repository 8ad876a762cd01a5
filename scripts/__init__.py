"""What builds, checks, measures and trains 4XL; run from the top folder, as scripts/NAME or -m scripts.NAME."""
