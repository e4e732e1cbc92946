"""Key stores: a local key file, AWS KMS."""
