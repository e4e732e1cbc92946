"""Vaults: a directory with immutable names, S3 with versioning and Object Lock."""
