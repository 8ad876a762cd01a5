"""Brings 4XL to people: in containers, and as Spaces of Hugging Face.

- configuring: tells a built site where its server is
- web_server: what nginx serves a built site by (nginx/: its configuration, and the script that starts it)
- requirements: the server's Python packages with all they need, as constraints.txt pins them
- spaces: the folders that become Spaces (space/: their cards)
- push: sends such a folder to its Space
"""
