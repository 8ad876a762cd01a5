"""Measures what 4XL promises, in the browser people use, and writes the tables of RESULTS.md.

- against_direct: our whole job beside plain JavaScript that does the same (direct/)
- profile: where the part of a job goes that is not the network
- swift: the bundled model beside realesr-general-x4v3
- memory: how much the engine needs over idle
- boot: how soon the page is usable and the engine ready
- png: our PNG writer beside Pillow's
- browser, pages, site, models, pictures: Chromium, a page in it, what it is served, what it enlarges
- machine, report: what was measured on, and the tables
"""
