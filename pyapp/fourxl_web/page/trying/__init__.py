"""All models on a small part of the picture, side by side, to choose one."""
