"""The engine's worker on the test page: keeps runtimes of the browser to the laws of tests/contract."""

from __future__ import annotations

import asyncio
import traceback

from laws import ENDING, LAWS

from fourxl import manifest
from fourxl_web.worker import providers, threads
from fourxl_web.worker.sessions import Sessions
from fourxl_web.worker.site import Site
from fourxl_web.worker.store import Store

_DEVICES = {"wasm": "cpu", "webgpu": "gpu"}

_opened: tuple[manifest.ModelSpec, Sessions, providers.Gpu] | None = None


async def run_law(name: str, provider: str, site_url: str) -> str:
    """Return "" when a runtime of ``provider`` keeps the law, else what went wrong."""
    global _opened  # noqa: PLW0603 - modules of onnxruntime-web are loaded once for all laws
    try:
        _opened = _opened or await _open(site_url)
        spec, sessions, gpu = _opened
        runtime = await sessions.open(spec, providers.providers(gpu, _DEVICES[provider], sessions.threads)[0])
        assert runtime.name == provider
        kept = False
        try:
            await LAWS[name](runtime, spec.scale)
            kept = True
        finally:
            if name in ENDING or not kept:
                await sessions.close()
    except Exception:  # noqa: BLE001 - everything is told to the test
        return traceback.format_exc()
    return ""


async def _open(site_url: str) -> tuple[manifest.ModelSpec, Sessions, providers.Gpu]:
    site = Site(site_url)
    table = manifest.parse(await site.read_table())
    probing = asyncio.ensure_future(providers.probe_gpu())
    store = Store(site, table.models, lambda _: None)
    sessions = Sessions(store, probing, threads.choose(providers.look_around("", 0)))
    return table.models[0], sessions, await probing


__export__ = ["run_law"]
