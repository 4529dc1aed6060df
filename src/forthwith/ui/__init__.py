"""Components, style sheets and small scripts that every counter shares."""
