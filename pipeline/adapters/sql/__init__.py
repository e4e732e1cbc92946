"""The catalogue on SQLite and PostgreSQL: one schema, one set of statements, two dialects."""
