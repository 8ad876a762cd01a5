"""Which providers this browser has, in the order to try them, each with the reason a person reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import js
from pyodide.ffi import JsException, to_js

from fourxl.errors import RuntimeUnavailable
from fourxl_web.language import pack
from fourxl_web.speed import TILE_PX
from fourxl_web.worker.threads import Surroundings

if TYPE_CHECKING:
    from fourxl.settings import DeviceChoice
    from fourxl_web.worker.threads import Threads

_FEATURES = ("shader-f16", "subgroups")
_LIMITS = (
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
    "maxComputeWorkgroupSizeY",
    "maxComputeWorkgroupSizeZ",
    "maxComputeWorkgroupsPerDimension",
)
"""What onnxruntime's kernels are sized by."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One way to run a network here."""

    name: str
    """As onnxruntime-web calls it: ``webgpu`` or ``wasm``."""

    device: str
    """``GPU`` or ``CPU``; a GPU emulated in software is a CPU."""

    reason: str
    """Why it is used, packed as a sentence."""

    tile_px: int = TILE_PX


@dataclass(frozen=True, slots=True)
class Gpu:
    """What WebGPU offers here."""

    adapter: Any
    """A GPUAdapter, or None."""

    label: str
    """The adapter's name, or packed why there is none."""

    software: bool = False
    """The adapter computes on the processor."""


async def probe_gpu() -> Gpu:
    """Return the WebGPU adapter of this browser, or why there is none; never raises."""
    gpu = getattr(js.navigator, "gpu", None)
    if gpu is None:
        return Gpu(None, pack("badge.no-webgpu"))
    try:
        adapter = await gpu.requestAdapter()
    except JsException as exc:
        return Gpu(None, pack("badge.webgpu-fails", fault=str(exc)))
    if not adapter:  # JavaScript's null is not None
        return Gpu(None, pack("badge.no-adapter"))
    info = adapter.info
    software = (
        bool(getattr(info, "isFallbackAdapter", False)) or "swiftshader" in str(info.architecture).lower()
    )
    label = " ".join(word for word in (info.vendor, info.architecture) if word) or pack(
        "badge.unnamed-adapter"
    )
    return Gpu(adapter, label, software)


async def open_device(gpu: Gpu) -> Any:
    """Return a GPUDevice with all the room the adapter has; WebGPU's defaults are far below it.

    Raises:
        RuntimeUnavailable: the adapter gives no device.
    """
    limits = js.Object.new()
    for name in _LIMITS:
        setattr(limits, name, getattr(gpu.adapter.limits, name))
    wanted = js.Object.new()
    wanted.requiredLimits = limits
    wanted.requiredFeatures = to_js([name for name in _FEATURES if gpu.adapter.features.has(name)])
    try:
        return await gpu.adapter.requestDevice(wanted)
    except JsException as exc:
        sentence = f"The graphics adapter {gpu.label} gives no device ({exc})."
        values = {"gpu": gpu.label, "reason": str(exc)}
        raise RuntimeUnavailable(sentence, about="no-gpu-device", **values) from exc


def look_around(word: str, touch_points: int) -> Surroundings:
    """Return what this browser tells the engine's worker, with what only the page could tell."""
    return Surroundings(
        bool(getattr(js, "crossOriginIsolated", False)),
        int(getattr(js.navigator, "hardwareConcurrency", 1)),
        str(js.navigator.userAgent),
        touch_points,
        word,
    )


def providers(gpu: Gpu, choice: DeviceChoice, threads: Threads, gpu_fault: str = "") -> tuple[Provider, ...]:
    """Return what to try, in order; after ``gpu_fault``, the key of a reason, without the GPU.

    Raises:
        RuntimeUnavailable: the GPU was asked for and there is none.
    """
    if choice == "gpu" and gpu.adapter is None:
        sentence = "There is no GPU to use here. Choose Automatic or CPU."
        raise RuntimeUnavailable(sentence, about="no-gpu", reason=gpu.label)

    def because(key: str) -> str:
        return pack(key, threads=threads.packed, gpu=gpu.label)

    if choice == "cpu":
        return (Provider("wasm", "CPU", because("badge.cpu-chosen")),)
    if choice == "gpu":
        if gpu.software:
            return (Provider("webgpu", "CPU", because("badge.gpu-emulated")),)
        return (Provider("webgpu", "GPU", because("badge.gpu-chosen")),)
    if gpu.adapter is None:
        return (Provider("wasm", "CPU", because("badge.cpu-no-gpu")),)
    if gpu.software:
        return (Provider("wasm", "CPU", because("badge.cpu-emulated")),)
    fallback = Provider("wasm", "CPU", because(gpu_fault or "badge.cpu-gpu-failed"))
    first = Provider("webgpu", "GPU", because("badge.gpu-first"))
    return (fallback,) if gpu_fault else (first, fallback)
