"""What a family sees once its member is signed in."""
