"""The choice of the model: a card for each, as one group of radio buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import js

from fourxl_web.language import count, has
from fourxl_web.page import server_words, words

if TYPE_CHECKING:
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.remote.place import Place
    from fourxl_web.shelf import Shelf


class ModelCards:
    """One card for each model, made from the page's template; those that cannot be chosen are folded away."""

    def __init__(self, group: Any, template: Any) -> None:
        """Draw into ``group``; the page has the first card by itself."""
        self._group, self._template = group, template
        self._absent = group.querySelector("details")
        self._cards = {card.querySelector("input").value: card for card in group.querySelectorAll("label")}

    @property
    def chosen_id(self) -> str:
        """The id of the chosen model."""
        return chosen_id(self._group)

    def choose(self, model_id: str) -> bool:
        """Choose a model, and return whether it can be."""
        card = self._cards.get(model_id)
        if card is None or _input(card).disabled:
            return False
        _input(card).checked = True
        return True

    def show(self, models: tuple[ModelSpec, ...], place: Place, shelf: Shelf | None) -> None:
        """Offer ``models``, each with what it is for and what it downloads first, or why it is not to be had."""
        for model_id in self._cards.keys() - {spec.id for spec in models}:
            self._cards.pop(model_id).remove()
        for spec in models:
            if spec.id not in self._cards:
                self._cards[spec.id] = self._add(spec)
            card = self._cards[spec.id]
            _input(card).disabled = not place.offers(spec)
            _say(_part(card, "label"), server_words.choice(spec, place))
            _say(_part(card, "purpose"), words.purpose(spec, shelf))
        self._arrange([spec.id for spec in models])
        if not self._group.querySelector("input:checked"):
            self._group.querySelector("input").checked = True

    def _arrange(self, model_ids: list[str]) -> None:
        """Put cards that cannot be chosen, nor are, into the fold; all in the order of ``model_ids``."""
        folded = [name for name in model_ids if _is_out_of_reach(_input(self._cards[name]))]
        offered = [name for name in model_ids if name not in folded]
        if (offered, folded) != (
            _values(self._group, ":scope > label input"),
            _values(self._absent, "input"),
        ):
            for name in offered:
                self._absent.before(self._cards[name])
            for name in folded:
                self._absent.append(self._cards[name])
        self._absent.hidden = not folded
        _say(self._absent.querySelector("summary"), count("options.absent", len(folded)))

    def _add(self, spec: ModelSpec) -> Any:
        card = js.document.importNode(self._template.content, True).firstElementChild
        _input(card).value = spec.id
        name = spec.id if has(f"model.{spec.id}") else "generic"
        _part(card, "thumbnail").src = f"icons/models/{name}.svg"
        self._group.append(card)
        return card


def chosen_id(group: Any) -> str:
    """Return the id of the model that is chosen in ``group``."""
    return str(group.querySelector("input:checked").value)


def _is_out_of_reach(radio: Any) -> bool:
    return bool(radio.disabled and not radio.checked)


def _values(part: Any, inputs: str) -> list[str]:
    return [str(radio.value) for radio in part.querySelectorAll(inputs)]


def _input(card: Any) -> Any:
    return card.querySelector("input")


def _part(card: Any, name: str) -> Any:
    return card.querySelector(f"[data-part={name}]")


def _say(target: Any, text: str) -> None:
    if target.textContent != text:
        target.textContent = text
