"""Pages for privacy and compliance officers."""
