"""Pages for family members and clients."""
