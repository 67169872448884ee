"""Imports: files of another system become events, once each, with a report by row.

`mapping` is the document that says which column is what, `reading` makes rows of a file's bytes, `cells` values of
cells, `records` records of rows, `planning` looks for what they name and makes events, `running` does it all in pages,
`undoing` takes it out again, `reports` tells.
"""
