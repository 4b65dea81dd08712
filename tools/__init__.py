"""The front door (`make run`) and the workshop (`make test`, `make check`).

`run`, `test` and what they import run before the libraries are there: standard library only.
"""
