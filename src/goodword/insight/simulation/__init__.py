"""A programme played forward on a generative model of customers, friends and cheats.

`runs.simulate` gives the figures of many runs with their intervals. What the programme grants in them is decided by
`domain.decide.step` on a state in memory; nothing here reads or writes a database. Everything that comes out is
simulated and says so.
"""
