"""Search: tickets by every word in them, by the same rules on both databases.

`parts.py` says which words a ticket has, `writing.py` is the one place that writes them (the door calls it, in the
transaction of the facts), `asked.py` and `narrowing.py` read what somebody typed, `finding.py` answers it for one
person, `snippets.py` shows where it is. What differs between the databases is `sqlite.py` and `postgresql.py`.
"""
