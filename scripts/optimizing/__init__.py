"""Passes over ONNX graphs: each makes a network faster or smaller and leaves what it computes as it was."""
