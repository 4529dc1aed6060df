"""The memory: what closed tickets teach about new ones (SOP 3.1, 3.2, 4.2). Nothing of it leaves the desk.

Only `fitting.py` knows scikit-learn, and only a process that ends loads it; what it learnt is a file that is read
without it.
"""
