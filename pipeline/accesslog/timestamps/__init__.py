"""Time-stamping authorities (RFC 3161): asking one over HTTP, and checking what one has answered."""
