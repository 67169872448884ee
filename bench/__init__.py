"""Benchmarks: what Goodword does, beside the least that could do the same, measured in one run.

`make bench` runs all of them, `make bench ARGS=demo_load` the named ones. A benchmark is a file of this
folder with a function `run` that takes the options and yields figures; nothing else registers it.
"""
