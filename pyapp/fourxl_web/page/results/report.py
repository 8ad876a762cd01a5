"""How a result was made, in lines that people can quote: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fourxl.settings import JobSettings
from fourxl_web.language import number, say
from fourxl_web.page import server_words, words
from fourxl_web.page.quantities import duration, size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fourxl.manifest import ModelSpec
    from fourxl_web.language import Value
    from fourxl_web.page.state import Picked, Result

    Row = tuple[str, str]

_DEFAULT = JobSettings()


def rows(picked: Picked, result: Result, models: Iterable[ModelSpec]) -> tuple[Row, ...]:
    """Return what is worth telling, each as a name and a value; what is not known is left out."""
    spec = next((spec for spec in models if spec.id == result.model_id), None)
    return (
        (say("report.picture"), picked.name or say("stage.pasted")),
        *_model(result, spec),
        *_where(result),
        *_sizes(picked, result),
        *_work(result),
        *_settings(result, spec),
        (say("report.privacy"), _privacy(result)),
        *((say("report.note"), note) for note in words.notes(result.done)),
    )


def text(found: Iterable[Row]) -> str:
    """Return the rows as plain text, a line each."""
    return "".join(f"{say('report.setting', name=name, value=value)}\n" for name, value in found)


def _model(result: Result, spec: ModelSpec | None) -> Iterator[Row]:
    if spec is not None:
        label = server_words.label(spec)
        value = say("report.model.value", model=label, id=spec.id, licence=spec.licence)
        yield say("report.model"), label if spec.is_own else value
    elif result.model_id:
        yield say("report.model"), result.model_id


def _where(result: Result) -> Iterator[Row]:
    word, reason = words.badge(result.placed)
    if result.sent is not None:
        device, runtime = result.sent.device, result.sent.runtime
        yield say("report.where"), say("report.where.value", device=device, runtime=runtime)
    elif result.placed is not None:
        runtime = result.placed.runtime
        yield say("report.where"), say("report.where.value", device=word, runtime=runtime)
    if reason:
        yield say("report.why"), reason


def _sizes(picked: Picked, result: Result) -> Iterator[Row]:
    done = result.done
    after: dict[str, Value] = {"width": done.width, "height": done.height, "size": size(done.size_bytes)}
    if picked.sides_px is None or not picked.size_bytes:
        yield say("report.before"), size(picked.size_bytes)
        yield say("report.after"), say("report.size", **after)
        return
    width, height = picked.sides_px
    yield (
        say("report.before"),
        say("report.size", width=width, height=height, size=size(picked.size_bytes)),
    )
    pixels = _factor(done.width * done.height / (width * height))
    volume = _factor(done.size_bytes / picked.size_bytes)
    yield say("report.after"), say("report.size.larger", pixels=pixels, bytes=volume, **after)


def _work(result: Result) -> Iterator[Row]:
    done = result.done
    whole, network = duration(done.seconds), duration(done.runtime_seconds)
    yield say("report.time"), say("report.time.value", duration=whole, network=network)
    if (smaller := result.smaller_tiles) is None:
        yield say("report.tiles"), number(done.tiles)
    else:
        sides_px = {"from_px": smaller.from_px, "to_px": smaller.to_px}
        yield say("report.tiles"), say("report.tiles.smaller", n=done.tiles, **sides_px)
    if done.resumed_share:
        yield say("report.resumed"), say("report.resumed.value", share=_percent(done.resumed_share))


def _settings(result: Result, spec: ModelSpec | None) -> Iterator[Row]:
    """Yield what was not left as it is at first, and what a lossy format was written with."""
    wanted = result.wanted
    if wanted is None:
        return
    yield say("options.format"), _format(wanted)
    yield from _asked_size(wanted, result, spec)
    if wanted.strength != _DEFAULT.strength:
        yield say("options.strength"), _percent(wanted.strength)
    if spec is not None and spec.can_denoise:
        yield say("options.denoise"), _percent(wanted.denoise)
    if wanted.depth != _DEFAULT.depth:
        yield say("options.depth"), wanted.depth
    if wanted.device != _DEFAULT.device:
        yield say("options.device"), say(f"options.device.{wanted.device}")
    if wanted.tile_px is not None:
        yield say("options.tile"), say("report.pixels", n=wanted.tile_px)
    if wanted.keep_exif:
        yield say("options.exif"), say("report.setting.on")
    if wanted.keep_exif and wanted.keep_location:
        yield say("options.location"), say("report.setting.on")


def _asked_size(wanted: JobSettings, result: Result, spec: ModelSpec | None) -> Iterator[Row]:
    """Yield how large it was to be, unless that is as large as the model makes it."""
    is_plain = wanted.scale is None or (spec is not None and wanted.scale == spec.scale)
    if wanted.width is not None:
        yield say("options.scale.width"), say("report.pixels", n=wanted.width)
    elif not is_plain:
        yield say("options.scale"), result.done.size_label


def _format(wanted: JobSettings) -> str:
    name = {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}[wanted.format]
    return name if wanted.format == "png" else f"{name}, {say('report.quality', n=wanted.quality)}"


def _privacy(result: Result) -> str:
    if result.sent is None:
        return say("report.stayed")
    return say("report.left", host=result.sent.host, at=result.sent.at)


def _percent(share: float) -> str:
    return say("quantity.percent", value=round(100 * share))


def _factor(times: float) -> str:
    """Return a factor: with a digit after the point where that says something."""
    return number(times, 0 if times >= 10 or round(times, 1).is_integer() else 1)  # noqa: PLR2004 - as above
