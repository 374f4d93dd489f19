"""Public ids: 20 letters and digits of RFC 4648's base32, lower-case, five bits each: 100 bits."""

LENGTH = 20

_FIVE_BITS = bytes(b"abcdefghijklmnopqrstuvwxyz234567"[byte & 31] for byte in range(256))


def spelled(drawn: bytes) -> str:
    """Return the id made of the low five bits of each of the first 20 bytes, which are random or a digest."""
    return drawn[:LENGTH].translate(_FIVE_BITS).decode()
