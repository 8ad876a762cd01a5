"""Every sentence of the page about the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl import events
from fourxl.errors import ImageTooLarge, ServerError, UnknownModel
from fourxl_web.page import messages
from fourxl_web.page.quantities import size

if TYPE_CHECKING:
    from fourxl.errors import FourxlError
    from fourxl.manifest import ModelSpec
    from fourxl_web.page.place import Mode, Place
    from fourxl_web.page.work import Sent

_QUOTED = 300
"""Characters of a foreign sentence at most."""

_ASLEEP_FROM_S = 3
"""A server that is up has answered by then."""

_DELETED = (
    "The picture is deleted there as soon as it has been read, and the result once you have it; "
    "both at the latest within the hour."
)


def modes(host: str) -> dict[Mode, str]:
    """Return what each mode is called."""
    return {
        "device": "This device only",
        "auto": f"Automatic ({host} if this device cannot)",
        "server": f"Server ({host})",
    }


def tagline(place: Place) -> str:
    """Return what 4XL is."""
    where = "" if place.mode == "server" else " that runs on your own device"
    return f"Pictures four times larger, by a neural network{where}."


def privacy(place: Place) -> str:
    """Return what happens to a picture, in a sentence or two."""
    host = place.server.host if place.server else ""
    if place.mode == "server":
        return f"Your picture is sent to {host} and enlarged there. {_DELETED}"
    if place.mode == "auto" and place.may_send:
        return (
            f"Your picture is enlarged on this device. What this device cannot do is sent to {host}, "
            f"as you allowed. {_DELETED}"
        )
    if place.mode == "auto":
        return (
            "Your picture is enlarged on this device. "
            f"If this device cannot, you are asked before anything is sent to {host}."
        )
    return "Your picture stays on this device: it is read, enlarged and saved by this page, and never sent anywhere."


def choice(spec: ModelSpec, place: Place) -> str:
    """Return how a model is offered."""
    host = place.server.host if place.server else ""
    if place.mode == "server":
        if spec.is_own:
            return f"{spec.label} (on this device only)"
        return spec.label if place.offers(spec) else f"{spec.label} (not on {host})"
    if spec.is_ready:
        return spec.label
    may_be_there = place.mode == "auto" and place.offers(spec)
    known = "only" if place.models else "perhaps"
    return f"{spec.label} ({known} on {host})" if may_be_there else f"{spec.label} (not on this site)"


def step(found: messages.Step) -> str:
    """Return what a job on its way to the server and back is doing."""
    match found:
        case messages.Asking(host):
            return f"This device cannot do it. Waiting for your answer: send the picture to {host}?"
        case messages.Waking(host, seconds) if seconds < _ASLEEP_FROM_S:
            return f"Asking {host} whether it is ready…"
        case messages.Waking(host, seconds):
            return f"Waking {host}… It may take a minute or two."
        case messages.Sending(host, name):
            return f"Sending {name or 'the picture'} to {host}…"
        case events.Waiting(ahead):
            return f"Waiting for your turn: {ahead} {'job' if ahead == 1 else 'jobs'} before yours."
        case messages.Fetching(host):
            return f"Fetching the result from {host}…"


def elapsed(found: messages.Step | None) -> str:
    """Return how long a server has been woken by now, which nobody wants to be told aloud each second."""
    match found:
        case messages.Waking(_, seconds) if seconds >= _ASLEEP_FROM_S:
            return f"{seconds} s"
        case _:
            return ""


def reason(host: str, failed: FourxlError | None, computer: str = "") -> str:
    """Return why a job is at the server, for the badge; ``computer`` is what computes it there, if known."""
    how = f"Computed by {host} ({computer})" if computer else f"Sent to {host}"
    why = f"this device could not: {failed.message}" if failed else "you chose the server."
    return f"{how}, since {why}"


def sent(found: Sent) -> str:
    """Return what a report says of a picture that left the device."""
    return f"Sent to {found.host} at {found.at}; computed there on the {found.device} ({found.runtime})."


def question(host: str, failed: FourxlError) -> tuple[str, str]:
    """Return what is asked before the first picture leaves, and why it is asked."""
    reason = f"The device could not enlarge it: {failed.message} {host} may be able to. {_DELETED}"
    return f"Send this picture to {host}?", reason


def asleep(host: str, minutes: int) -> str:
    """Return what is said when nobody has answered for that long."""
    return (
        f"{host} does not answer ({minutes} minutes waited), or does not let this page ask it. "
        "Nothing was sent. Try again later."
    )


def offline(host: str) -> str:
    """Return what is said without a network."""
    return f"{host} cannot be reached: this device has no network. Nothing was sent. Connect it, then press Enhance again."


def cut(host: str, during: str) -> str:
    """Return what is said when the connection broke ``during`` something."""
    return f"The connection to {host} broke while {during}. Check the network, then press Enhance again."


def no_server(host: str) -> str:
    """Return what is said when something else answers at the server's address."""
    return (
        f"{host} answers, but not as 4XL's server does. Nothing was enlarged. "
        "Whoever provides this site should look at its config.json."
    )


def refused(host: str, status: int) -> str:
    """Return what is said of a status that nobody expects."""
    return f"{host} refuses (HTTP status {status}). Wait a moment, then press Enhance again."


def busy(host: str) -> str:
    """Return what is said when the queue is full and the server does not say it itself."""
    return f"{host} is busy: its queue is full. Wait a minute, then press Enhance again."


def too_many_bytes(host: str, size_bytes: int, most_bytes: int | None = None) -> str:
    """Return what is said of a file that is too large to be sent."""
    limit = (
        f", more than the {size(most_bytes)} that {host} takes" if most_bytes else f", too much for {host}"
    )
    return f"The file has {size(size_bytes)}{limit}. Make it smaller."


def too_large(host: str, sides_px: tuple[int, int], most_px: int) -> str:
    """Return what is said of a picture with too many pixels."""
    width, height = sides_px
    return (
        f"The picture has {width} x {height} pixels; {host} takes at most {most_px} a side. Make it smaller."
    )


def no_model(host: str, label: str) -> str:
    """Return what is said of a model that the server lacks."""
    return f"{host} does not have the model {label}. Choose another model."


def own_model(label: str) -> str:
    """Return what is said of a person's own network, which never leaves."""
    return f"{label} is on this device only. Choose another model."


def lost_job(host: str) -> str:
    """Return what is said when the server does not know the job, or stopped it by itself."""
    return f"{host} stopped the job, or was started anew in the middle. Your picture was not kept; press Enhance again."


def lost_result(host: str) -> str:
    """Return what is said when the result was deleted before it came."""
    return f"The result is not on {host} any more. Please press Enhance again."


def failed(host: str, sentence: str | None) -> str:
    """Return what is said of a failure at the server, in its own words if it has any."""
    if not sentence:
        return f"{host} failed and does not say why. Press Enhance again."
    quoted = sentence if len(sentence) <= _QUOTED else sentence[:_QUOTED] + "…"
    return f"{host} failed: {quoted.rstrip('.')}. Press Enhance again."


def fault(error: FourxlError, place: Place, engine: str) -> str:
    """Return what went wrong, with a way out where this device is one: ``engine`` is the state of its own."""
    is_the_servers = isinstance(error, (ServerError, ImageTooLarge, UnknownModel))
    if place.mode == "server" and engine != "failed" and is_the_servers:
        return f"{error.message} Or choose This device only."
    return error.message
