"""Long questions (`store.jobs`) worked at beside the worker: `runner` starts a process for each, `child` is that
process, `work` finds the answer. Live work goes first: the process is nice to others, one worker has one at a time, and
what it reads it reads in a transaction that may write nothing.
"""
