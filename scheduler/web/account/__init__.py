"""Pages about oneself, for everyone who is signed in: where one is signed in, passkeys, stepping up."""
