"""The engine on a computer, and the training that makes its model."""
