"""Stand-ins for files of the table of models, published with their own size and hash."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def publish(models: Path, path: str, content: bytes) -> dict[str, Any]:
    """Write ``content`` below the folder ``models`` and return its entry in the table."""
    target = models / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return {"path": path, "size_bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def change(models: Path, model_id: str, **fields: Any) -> None:
    """Change fields of one model in the table that lies in the folder ``models``."""
    table = models / "manifest.json"
    content = json.loads(table.read_text())
    (entry,) = (model for model in content["models"] if model["id"] == model_id)
    entry.update(fields)
    table.write_text(json.dumps(content))
