"""Template tags of the agents' counter."""
