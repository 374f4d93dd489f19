"""The world outside: mail, calendar files, video; one small class each, with a fake in the tests."""
