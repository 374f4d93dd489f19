"""The schema's history, up and down, with data, on each engine."""
