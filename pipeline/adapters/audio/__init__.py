"""Sound: probing, decoding, beeping, encoding."""
