"""Setting a desk up: who works here, what could not be understood, and what the demo's mail catcher has caught."""
