"""The engine in a browser: the only package that speaks with JavaScript.

``page`` runs on the main thread and is the interface; ``worker`` runs in the engine's worker,
with numpy, Pillow and onnxruntime-web. They exchange JSON and files.
"""
