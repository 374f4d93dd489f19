"""Pages for everyone, signed in or not."""
