"""Offers the models and what each can do, as the form shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fourxl_web.page import words
from fourxl_web.page.form import options
from fourxl_web.page.remote.place import NOWHERE_ELSE

if TYPE_CHECKING:
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.form.model_cards import ModelCards
    from fourxl_web.page.form.remembering import Remembering
    from fourxl_web.page.state import State
    from fourxl_web.shelf import Shelf


class Offering:
    """The cards of the models, and the controls that follow the chosen one."""

    def __init__(self, cards: ModelCards, purpose: Any, remembering: Remembering) -> None:
        """Offer on ``cards``; what the chosen model is for stands in the element ``purpose``."""
        self._cards, self._purpose, self._remembering = cards, purpose, remembering
        self._models: tuple[ModelSpec, ...] = ()
        self._place = NOWHERE_ELSE
        self._shelf: Shelf | None = None

    def show(self, state: State) -> None:
        """Offer what ``state`` has to offer, if that has changed."""
        shelf = None if state.place.mode == "server" else state.shelf
        before = self._models, self._place, self._shelf
        if not state.models or (state.models, state.place, shelf) == before:
            return
        is_new = (state.models, state.place) != before[:2]
        self._models, self._place, self._shelf = state.models, state.place, shelf
        self.say()
        if is_new:
            self._remembering.restore(self._cards.choose, self.follow)

    def say(self) -> None:
        """Say everything, as it is said in the language of now."""
        self._cards.show(self._models, self._place, self._shelf)
        self.follow()

    def choose(self, spec: ModelSpec) -> None:
        """Choose a model that is offered."""
        self._cards.choose(spec.id)
        self.follow()

    def follow(self) -> None:
        """Say what the chosen model is for, and offer what it can do."""
        spec = self.chosen
        self._purpose.textContent = words.purpose(spec, self._shelf) if spec else ""
        if spec is not None:
            options.follow(spec)

    @property
    def chosen(self) -> ModelSpec | None:
        """The chosen model, if its facts are known."""
        return next((spec for spec in self._models if spec.id == self._cards.chosen_id), None)
