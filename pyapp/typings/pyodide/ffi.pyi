from collections.abc import Callable
from typing import Any

class JsException(Exception):
    name: str
    message: str

def create_proxy(obj: Callable[..., Any]) -> Any: ...
def to_js(obj: Any, *, dict_converter: Callable[..., Any] | None = None) -> Any: ...
def create_once_callable(function: Callable[..., Any]) -> Any: ...
