from typing import Any

boot: Any
