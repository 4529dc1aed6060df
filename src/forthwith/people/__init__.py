"""The directory: persons, organisations, teams, availability, and who may do what."""
