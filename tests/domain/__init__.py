"""Tests of the storey domain."""
