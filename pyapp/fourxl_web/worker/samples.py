"""What a guess needs of a picture: decoded once, as long as it is asked about the same one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fourxl import guessing
from fourxl_web.worker import reading

if TYPE_CHECKING:
    from fourxl.guessing import Samples
    from fourxl.settings import JobSettings


class LastSamples:
    """Parts of the last picture; they are small."""

    def __init__(self) -> None:
        """Know no picture."""
        self._of: tuple[str, int, int] = "", -1, -1
        self._samples: Samples | None = None

    async def guess(self, file: Any, scale: int, wanted: JobSettings) -> int:
        """Return about how many bytes the result of a JavaScript File will have.

        Raises:
            InputError, InvalidSettings: as the job would.
        """
        key = str(file.name), int(file.size), int(file.lastModified)
        if self._samples is None or key != self._of:
            data = await reading.whole(file)
            self._samples, self._of = guessing.take(data), key
        return guessing.size_bytes(self._samples, scale, wanted)
