"""The cards on which the models' results stand side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js

from fourxl_web.language import say
from fourxl_web.page import server_words, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fourxl.manifest import ModelSpec

PLAIN = ""
"""The card of the plain enlargement, among the ids of models."""

_PLAIN_SCALE = 4


class Cards:
    """One card for each model, made from the page's template."""

    def __init__(self, listing: Any, template: Any) -> None:
        """Draw into ``listing``."""
        self._listing, self._template = listing, template
        self._cards: dict[str, Any] = {}

    def show(self, models: Iterable[ModelSpec]) -> None:
        """Start anew, with the plain enlargement and these models."""
        self._listing.replaceChildren()
        self._cards = {}
        self._add(PLAIN, say("trying.plain"), say("trying.plain.purpose"))
        for spec in models:
            self._add(spec.id, server_words.label(spec), words.described(spec))

    def clear(self) -> None:
        """Let go of what was made."""
        for card in self._cards.values():
            canvas = _part(card, "picture")
            canvas.width = canvas.height = 0
            canvas.hidden = True
            self.say(card.dataset.model, "")

    def say(self, model_id: str, text: str, *, is_fault: bool = False) -> None:
        """Say on a card how its model is doing."""
        state = _part(self._cards[model_id], "state")
        state.textContent = text
        state.classList.toggle("error", is_fault)

    def offer(self, model_id: str, *, use: bool = False, download: str = "") -> None:
        """Offer on a card to take its model, or to download it as the button then says."""
        card = self._cards[model_id]
        _part(card, "use").hidden = not use
        button = _part(card, "download")
        button.hidden = not download
        button.textContent = download

    def draw(self, model_id: str, picture: Any) -> None:
        """Show what a model made: an ImageBitmap."""
        self._draw(model_id, picture, picture.width, picture.height)

    def draw_plain(self, part: Any) -> None:
        """Show the part of the picture, a canvas, plainly enlarged."""
        self._draw(PLAIN, part, part.width * _PLAIN_SCALE, part.height * _PLAIN_SCALE)

    def _draw(self, model_id: str, picture: Any, width: int, height: int) -> None:
        canvas = _part(self._cards[model_id], "picture")
        canvas.width, canvas.height, canvas.hidden = width, height, False
        context = canvas.getContext("2d")
        context.imageSmoothingQuality = "high"
        context.drawImage(picture, 0, 0, width, height)

    def _add(self, model_id: str, label: str, purpose: str) -> None:
        card = js.document.importNode(self._template.content, True).firstElementChild
        card.dataset.model = model_id
        _part(card, "label").textContent = label
        _part(card, "purpose").textContent = purpose
        _part(card, "picture").setAttribute("aria-label", say("trying.shown", model=label))
        for name in ("use", "download"):
            _part(card, name).value = model_id
        use = _part(card, "use")
        use.textContent = say("trying.use")
        use.setAttribute("aria-label", say("trying.use.model", model=label))
        self._cards[model_id] = card
        self._listing.append(card)


def _part(card: Any, name: str) -> Any:
    return card.querySelector(f"[data-part={name}]")
