"""What the page looks like, measured: contrast by its pixels, shifts, and pictures of it to compare with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from playwright.sync_api import Page

HEIGHTS_PX = {320: 256, 360: 740, 768: 1024, 1280: 800, 1920: 1080}
"""Of a window of that width; the first is a window of 1280 x 1024 pixels, enlarged to 400 %."""

TEXTS = """() => {
    const modal = document.querySelector("dialog:modal");
    const found = [];
    const isScrolledOut = (element, box) => {
        const inset = box.height / 3;
        for (let panel = element.parentElement; panel && panel !== document.body; panel = panel.parentElement) {
            const top = panel.getBoundingClientRect().top + panel.clientTop;
            const isOutside = box.top + inset < top || box.bottom - inset > top + panel.clientHeight;
            if (isOutside && ["auto", "scroll"].includes(getComputedStyle(panel).overflowY)) return true;
        }
        return false;
    };
    const add = (element, text, box) => {
        const style = getComputedStyle(element);
        if (isScrolledOut(element, box)) return;
        if (element.closest(":disabled, [aria-disabled=true], canvas, .model:has(:disabled)")) return;
        if (modal && !modal.contains(element)) return;
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return;
        const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
        const over = document.elementsFromPoint(x, y).find((other) => !other.matches("input[type=file], input[type=radio]"));
        if (box.width < 2 || !over || !(over.contains(element) || element.contains(over))) return;
        const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        probe.fillStyle = style.color;
        probe.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = probe.getImageData(0, 0, 1, 1).data;
        const size = parseFloat(style.fontSize);
        found.push({
            text: text.trim().slice(0, 60), colour: [red, green, blue], alpha: alpha / 255,
            box: [box.left, box.top, box.right, box.bottom],
            is_large: size >= 24 || (size >= 18.66 && style.fontWeight >= 700),
        });
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        if (!node.data.trim() || node.parentElement.closest("option, script, template")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        for (const box of range.getClientRects()) add(node.parentElement, node.data, box);
    }
    for (const field of document.querySelectorAll("select, input[type=text], input[type=number]")) {
        if (getComputedStyle(field).textIndent !== "0px") continue; // shown by a sign alone
        const box = field.getBoundingClientRect();
        add(field, field.id, new DOMRect(box.left + 40, box.top + 8, box.width - 72, box.height - 16));
    }
    return found;
}"""
"""Every piece of text in sight: its colour and where it is."""

HIDE_TEXT = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, ::before { -webkit-text-fill-color: transparent !important; text-shadow: none !important }");
    document.adoptedStyleSheets = [sheet];
}"""
SHOW_TEXT = "() => { document.adoptedStyleSheets = [] }"

WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
        const where = ({ node }) => node?.id || node?.className || node?.nodeName || "?";
        window.shifts.push(`${value.toFixed(4)} ${sources.map(where).join(", ")}`);
    }
}).observe({ type: "layout-shift", buffered: true });
"""
"""Counts what moves by itself, and also what moves in answer to a person, which browsers leave out."""

_ROUGH_PX = 8
"""Side of the squares that pictures are compared in; letters are drawn a little differently everywhere."""


def resize(page: Page, width_px: int) -> None:
    """Make the window that wide, and as high as such windows are."""
    page.set_viewport_size({"width": width_px, "height": HEIGHTS_PX[width_px]})
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def screenshot(page: Page) -> Image.Image:
    """Return what the window shows."""
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def low_contrasts(page: Page) -> list[str]:
    """Return the texts in sight that are harder to read than WCAG 2.2 AA allows, on what is really behind them."""
    texts = page.evaluate(TEXTS)
    page.evaluate(HIDE_TEXT)
    behind = np.asarray(screenshot(page), dtype=np.float64)
    page.evaluate(SHOW_TEXT)
    faults = []
    for found in texts:
        left, top, right, bottom = (max(0, round(edge)) for edge in found["box"])
        # The middle lines: a text that is scrolled half out of a panel has something else behind its rest.
        inset = (bottom - top) // 3
        ground = behind[top + inset : bottom - inset, left:right].reshape(-1, 3)
        if not len(ground):
            continue
        ink = np.array(found["colour"]) * found["alpha"] + ground * (1 - found["alpha"])
        # Of the few lowest pixels some are icons and rounded corners beside the letters.
        ratio = float(np.quantile(_ratios(ink, ground), 0.05))
        if ratio < (3 if found["is_large"] else 4.5):
            faults.append(f"{ratio:.2f} {found['text']}")
    return faults


def _ratios(ink: NDArray[np.float64], ground: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return WCAG's contrast ratio, pixel by pixel."""
    one, other = _luminance(ink), _luminance(ground)
    ratios: NDArray[np.float64] = (np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05)
    return ratios


def _luminance(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    luminance: NDArray[np.float64] = linear @ np.array([0.2126, 0.7152, 0.0722])
    return luminance


def rough(picture: Image.Image) -> Image.Image:
    """Return the picture with a pixel for each square, its mean."""
    return picture.reduce(_ROUGH_PX)


def difference(picture: Image.Image, kept: Path) -> tuple[float, float]:
    """Return the mean and the 99.5th percentile of how much a rough picture differs from the kept one, of 255."""
    with Image.open(kept) as opened:
        before: Any = np.asarray(opened.convert("RGB"), dtype=np.float64)
    now = np.asarray(picture, dtype=np.float64)
    if now.shape != before.shape:
        return 255, 255
    apart = np.abs(now - before).max(axis=2)
    return float(apart.mean()), float(np.quantile(apart, 0.995))
