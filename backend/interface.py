"""Gradio's page, for people who open the server itself; its form is what the API is described by."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from PIL import Image

if TYPE_CHECKING:
    from backend.api import Api
    from backend.files import Files

_PREVIEW_PX = 1024

_MAX_PIXELS = 4096 * 4096
"""Of a result that is shown: four times the largest side that a server takes by itself. Larger ones are saved only."""

_RESULTS = ("result.png", "result.jpg", "result.webp")
"""What ``Api`` calls its files. The page's caller may name any; an upload is never opened here."""

_WORDS = """# 4XL
Enlarges a picture four times. It is computed on this server, in memory: your picture is deleted as soon as it has
been read, the result as soon as you have saved it, or within the hour. Nothing is logged.
"""

_SIZE_HINT = "2, 3 or 4; empty: as the model makes it"


def build(api: Api, files: Files) -> gr.Blocks:
    """Return the page and, behind it, every function that can be called."""
    models = [(entry["label"], entry["id"]) for entry in api.models()]
    page: gr.Blocks
    with gr.Blocks(title="4XL", analytics_enabled=False) as page:
        gr.Markdown(_WORDS)
        with gr.Row():
            with gr.Column():
                image = gr.File(label="Picture", file_types=["image"], type="filepath")
                model = gr.Dropdown(models, value="swift", label="Model", allow_custom_value=True)
                formats = ["png", "jpeg", "webp"]
                format_ = gr.Dropdown(formats, value="png", label="Format", allow_custom_value=True)
                with gr.Accordion("More options", open=False):
                    options = _options()
                with gr.Row():
                    enhance = gr.Button("Enhance", variant="primary")
                    cancel = gr.Button("Cancel")
            with gr.Column():
                result = gr.File(label="Result", interactive=False)
                preview = gr.HTML(label="Preview")
                report = gr.JSON(label="Report")
        job = enhance.click(
            api.upscale,
            [image, model, format_, *options],
            [result, report],
            api_name="upscale",
            preprocess=False,
            postprocess=False,
            concurrency_limit=None,
            show_progress_on=[report],
        )
        job.success(
            lambda shown: (None, _preview(shown, files)),
            [result],
            [image, preview],
            api_visibility="private",
            preprocess=False,
            postprocess=False,
        )
        cancel.click(None, cancels=[job], api_visibility="private")
        _add_calls(api, image, model, format_)
    return page


def _options() -> list[gr.components.Component]:
    """Return the controls of the further options, in the order of ``Api.upscale``'s arguments."""
    return [
        gr.Number(92, label="Quality of JPEG and WebP, 1 to 100", precision=0),
        gr.Dropdown(
            ["same", "8", "16"], value="same", label="Bits per channel of a PNG", allow_custom_value=True
        ),
        gr.Checkbox(label="Keep EXIF data (camera, date)"),
        gr.Checkbox(label="… and the location in it"),
        gr.Number(None, label=f"Times larger ({_SIZE_HINT})", precision=0),
        gr.Number(None, label="Exact width in pixels, in place of it", precision=0),
        gr.Number(1.0, label="Strength, 0 to 1", step=0.05),
        gr.Number(0.5, label="Denoise, 0 to 1", step=0.05),
        gr.Number(None, label="Side of a tile in pixels (empty: automatic)", precision=0),
    ]


def _add_calls(api: Api, *inputs: gr.components.Component) -> None:
    """Add what programs call and the page does not show."""
    with gr.Row(visible=False):
        coded, told = gr.Textbox(), gr.JSON()
        calls = [gr.Button(name) for name in ("base64", "models", "health")]
    calls[0].click(
        api.upscale_base64,
        [*inputs],
        coded,
        api_name="upscale_base64",
        preprocess=False,
        postprocess=False,
        concurrency_limit=None,
    )
    calls[1].click(api.models, None, told, api_name="models", queue=False)
    calls[2].click(api.health, None, told, api_name="health", queue=False)


def _preview(result: Any, files: Files) -> str:
    """Return a picture of the result inside a line of HTML, so that no second file lies on the disk; else nothing."""
    try:
        path = Path(result["path"])
        if path.name not in _RESULTS or not files.has(path):
            return ""
        small = _shrink(path)
    except Exception:  # noqa: BLE001 - the result is there without it, and what anyone may ask for is not worth a log
        return ""
    if small is None:
        return ""
    content = io.BytesIO()
    small.save(content, "WEBP", quality=85)
    coded = base64.b64encode(content.getvalue()).decode()
    return f'<img alt="The enlarged picture" style="max-width:100%" src="data:image/webp;base64,{coded}">'


def _shrink(path: Path) -> Image.Image | None:
    """Return a picture that fits the page; None of one that has too many pixels."""
    with Image.open(path, formats=("PNG", "JPEG", "WEBP")) as opened:
        if opened.width * opened.height > _MAX_PIXELS:
            return None
        opened.draft("RGB", (_PREVIEW_PX, _PREVIEW_PX))
        small = opened.convert("RGBA" if "A" in opened.getbands() else "RGB")
    small.thumbnail((_PREVIEW_PX, _PREVIEW_PX))
    return small
