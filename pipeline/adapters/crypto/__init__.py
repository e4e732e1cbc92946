"""Object encryption: the only importers of AES-GCM and HKDF beside the key stores and the log's signer."""
