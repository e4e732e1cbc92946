"""SQLite files: how they are opened, kept private and waited for."""
