"""Tests; they mirror the storeys of the house."""
