"""Builds the static site: what the browser loads, out of our sources and the pinned packages.

- versions: which version of each vendored package is pinned, and the folder it gets
- packages: the npm packages, as the lock pins them
- fetching: the Python wheels of that Pyodide, checked against its own lock
- vendoring: the few files of each package the page really needs
- archives: our Python sources, one archive for the page and one for the engine
- snapshots: interpreters that have already booted, as files (Node.js makes them)
- policy: the Content-Security-Policy and the other response headers
- pages: HTML, JSON and modules with the addresses of this build written in
- keeping: what the service worker keeps for use without a network
- site: the order of all that
"""
