"""Event buses: a durable SQLite log for one machine, and Apache Kafka."""
