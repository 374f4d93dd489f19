"""What is kept: plain functions of an open transaction that never commit and return domain objects."""
