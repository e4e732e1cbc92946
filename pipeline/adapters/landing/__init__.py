"""Landing areas: a watched folder, buckets; only what the policy allows."""
