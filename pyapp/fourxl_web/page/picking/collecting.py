"""Takes what comes in: pictures into the list, a network to be tried out."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from fourxl_web.page import messages
from fourxl_web.page.picking import gathering, incoming, intake, sides
from fourxl_web.page.picking.incoming import plain
from fourxl_web.page.state import Picked
from fourxl_web.page.view import element

if TYPE_CHECKING:
    from collections.abc import Callable

    from fourxl_web.page.files import Files
    from fourxl_web.page.messages import Message
    from fourxl_web.page.picking.incoming import Incoming
    from fourxl_web.page.picking.intake import Do


class Collector:
    """Where every file of the page comes in."""

    def __init__(
        self,
        files: Files,
        tell: Callable[[Message], None],
        do: Do,
        take_network: Callable[[Any], None],
    ) -> None:
        """Put pictures into ``files``, and give a network's File to ``take_network``."""
        self._files, self._tell, self._do = files, tell, do
        self._take_network = take_network

    def watch(self) -> None:
        """Listen to the page's inputs, drops and pastes."""
        intake.watch(element("file"), element("drop"), self.take, self._do)
        intake.watch_input(element("own-model"), self.take)
        intake.watch_folder(element("folder"), element("folder-file"), self.take)

    def take_files(self, files: list[Any]) -> None:
        """Take JavaScript Files that came in together."""
        self.take([gathering.chosen(file) for file in files])

    def take(self, found: list[Incoming]) -> None:
        """Take what came in together, all in one message however much it is."""
        sorted_out = incoming.sort(found)
        pictures = [(str(uuid.uuid4()), picture) for picture in sorted_out.pictures]
        self._files.source.update({item_id: picture.file for item_id, picture in pictures})
        if pictures or sorted_out.left_out:
            picked = tuple(
                (item_id, Picked(plain(picture.name), picture.file.size, plain(picture.folder)))
                for item_id, picture in pictures
            )
            self._tell(messages.FilesAdded(picked, sorted_out.left_out))
            self._do(self._measure([(item_id, picture.file) for item_id, picture in pictures]))
        for network in sorted_out.networks:
            self._take_network(network.file)

    async def _measure(self, files: list[tuple[str, Any]]) -> None:
        """Tell how large the pictures are, by their ids."""
        self._tell(messages.Measured(tuple(await sides.read_all(files))))
