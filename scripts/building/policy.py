"""The Content-Security-Policy and the other security headers: the one place they are written.

The build puts the policy into every page as a `<meta>`, so it holds on hosts that send no headers;
our servers send it as a header too.
"""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

HEADERS = "headers.json"
"""File of the built site that tells whoever serves it which headers every answer should have."""

ISOLATION = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""What a page must be served with to get SharedArrayBuffer, and with it threads.

The service worker adds these on hosts that do not send them. `require-corp` and not `credentialless`, since
all browsers know it and nothing is lost by it: the page loads its own files, and asks others by CORS.
"""


_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")


def origin(address: str) -> str | None:
    """Origin of an absolute address, as a policy may name it; None if it has none that a policy could name."""
    parts = urlsplit(address)
    found = f"{parts.scheme}://{parts.netloc}".lower()
    # Within a policy a space or a semicolon would mean something.
    return found if _ORIGIN.fullmatch(found) else None


def reconnect(policy: str, *, drop: str | None, add: str | None) -> str:
    """Policy that lets a page talk to the origin `add`, and to `drop` no more."""
    directives = []
    for directive in policy.split("; "):
        name, *sources = directive.split()
        if name == "connect-src":
            sources = [*(source for source in sources if source not in {drop, add}), *filter(None, [add])]
        directives.append(" ".join([name, *sources]))
    return "; ".join(directives)


def content_security_policy(connect_to: Sequence[str] = ()) -> str:
    """Policy of the built page.

    Args:
        connect_to: origins besides our own that the page may talk to, such as an upscaling server.

    """
    directives = {
        "default-src": "'none'",
        # WebAssembly is compiled; nothing is ever eval'ed.
        "script-src": "'self' 'wasm-unsafe-eval'",
        # PyScript starts its worker from a Blob.
        "worker-src": "'self' blob:",
        "connect-src": " ".join(["'self'", *connect_to]),
        "img-src": "'self' blob: data:",
        "style-src": "'self'",
        "font-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def security_headers(connect_to: Sequence[str] = ()) -> dict[str, str]:
    """Headers our server adds to every answer unless it plays a plain static host."""
    return {
        **ISOLATION,
        "Content-Security-Policy": content_security_policy(connect_to) + "; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
