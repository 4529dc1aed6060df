"""Another desk's event log as a way in: a CSV of what happened to its cases, told by a map that says what it means.

`maps` reads the map, `rows` the log, `telling` turns a case's rows into what happened, `intake` takes the cases in.
"""
