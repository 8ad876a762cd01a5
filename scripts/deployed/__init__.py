"""Checks of a deployed 4XL, from outside: the standard library and nothing else, so that anyone can run them.

Its modules name each other relatively, so that it can stand alone, without the package `scripts`.

- asking: requests, answers, and streams of events
- checking: a check, and what became of it
- page: the site's checks
- models: the checks of the site's models, one for each
- server: the checks of its server
- drawing: a small PNG, and whether another is whole
- command: the order of all that, and the command line
"""
