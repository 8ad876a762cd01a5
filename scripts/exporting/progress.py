"""A bar for downloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from tqdm import tqdm

if TYPE_CHECKING:
    from types import TracebackType


class Progress:
    """Shows how far the present download is, on a terminal only."""

    def __init__(self) -> None:
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> Self:
        """Show nothing yet."""
        return self

    def tell(self, done_bytes: int, all_bytes: int) -> None:
        """Show so many bytes of all; a download that is complete ends the bar."""
        if self._bar is None:
            self._bar = tqdm(total=all_bytes, unit="B", unit_scale=True, desc="checkpoint", disable=None)
        self._bar.update(done_bytes - self._bar.n)
        if done_bytes >= all_bytes:
            self.close()

    def close(self) -> None:
        """End the bar that is shown."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the bar, also of a download that was cut off."""
        self.close()
