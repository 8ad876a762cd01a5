"""Starts the page's program."""

import fourxl_web.page.main  # noqa: F401
