"""Empty modules in the place of packages that basicsr imports for what is not used here: training, data, video.

An attribute of such a module can be imported, and that is all: whoever calls one gets an error that names it,
so no result can come out of a stand-in.
"""

from __future__ import annotations

import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import ModuleType

NAMES = frozenset({"distutils", "requests", "scipy", "torchvision", "yaml"})


class _Absent:
    """An attribute of a stand-in."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, *_: Any, **__: Any) -> None:
        """Refuse."""
        raise NotImplementedError(f"{self._name} is a stand-in: tests/reference/standins.py")


class _StandIns(MetaPathFinder, Loader):
    """Finds and makes them."""

    def find_spec(self, fullname: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in NAMES else None

    def exec_module(self, module: ModuleType) -> None:
        name = module.__name__

        def get(attribute: str) -> _Absent:
            if attribute.startswith("__"):
                raise AttributeError(attribute)
            return _Absent(f"{name}.{attribute}")

        vars(module)["__getattr__"] = get


def install() -> None:
    """Put the stand-ins before whatever is installed under their names."""
    sys.meta_path.insert(0, _StandIns())
