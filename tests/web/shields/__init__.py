"""The edge: what every request passes and every response carries."""
