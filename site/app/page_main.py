"""What the page runs."""

from fourxl_web.page import speaking
from fourxl_web.page.main import Page

await speaking.begin()
page = Page()
