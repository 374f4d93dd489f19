"""Tests of the storey actions."""
