"""Measures the streaming engine side by side with a bare relay and a naive consumer; `make bench` runs it."""
