"""Erasure journals: a checksummed file, a bucket."""
