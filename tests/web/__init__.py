"""Tests of the storey web."""
