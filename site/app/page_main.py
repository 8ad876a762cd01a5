"""What the page runs."""

from fourxl_web.page.main import Page

page = Page()
