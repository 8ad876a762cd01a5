"""The server: the same engine behind Gradio, for devices that cannot, and for programs."""
