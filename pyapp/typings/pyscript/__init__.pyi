from typing import Any

sync: Any
workers: Any
