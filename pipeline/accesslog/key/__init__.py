"""The key the log's checkpoints are signed with."""
