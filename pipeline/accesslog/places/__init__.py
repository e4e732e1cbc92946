"""Places outside the log's database that keep its signed checkpoints: a directory, a locked bucket."""
