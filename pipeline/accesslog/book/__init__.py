"""The access log on SQLite and PostgreSQL: many writers, one sequencer that builds the tree, signed checkpoints."""
