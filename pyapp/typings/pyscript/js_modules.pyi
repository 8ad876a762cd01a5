from typing import Any

boot: Any
service_worker: Any
language: Any
