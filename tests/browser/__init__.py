"""Tests in a real browser, Chromium."""
