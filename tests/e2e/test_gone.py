"""A picture that is not what it was when it was chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests import pictures

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser import Visit

PICTURE = pictures.encoded(pictures.scene(16, 16))


def test_a_picture_that_was_removed(ready: Visit, tmp_path: Path) -> None:
    """The page says what is wrong with it, in words, and goes on with the next one."""
    picture = tmp_path / "gone.png"
    picture.write_bytes(PICTURE)
    ready.page.set_input_files("#file", picture)
    picture.unlink()
    ready.enhance()
    assert "cannot be read any more" in ready.wait_for_error()
    assert ready.upscale("a.png", PICTURE)
