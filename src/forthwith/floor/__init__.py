"""The team leader's counter: how the procedure is kept."""
