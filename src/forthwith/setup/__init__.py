"""The first run of a desk: for now, what the demo's mail catcher has caught."""
