"""The binder: the support procedure as data and arithmetic. Pure Python: no Django, no input or output."""
