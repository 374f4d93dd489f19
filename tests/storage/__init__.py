"""Tests of the storey storage."""
