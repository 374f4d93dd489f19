"""Pure rules of family sessions: standard library only, no input or output, no clock, no randomness."""
