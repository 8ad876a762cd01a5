"""Runs inside Pyodide before its memory is written down: imports what both our programs will import.

Only modules of the standard library and of Pyodide itself; a snapshot of ours would go stale.
"""

import gc
import importlib

COMMON_MODULES = """
    array ast asyncio collections.abc contextlib ctypes dataclasses datetime enum fractions functools
    hashlib html importlib.metadata inspect io itertools json logging math numbers pathlib pickle
    platform random re shutil struct sysconfig tarfile tempfile time traceback typing urllib.parse
    zipfile zlib
    pyodide.ffi.wrappers pyodide.http pyodide.webloop
"""

for name in COMMON_MODULES.split():
    importlib.import_module(name)
gc.collect()
