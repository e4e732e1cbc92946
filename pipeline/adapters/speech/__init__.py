"""Speech: models on disk, recognition, and listening again."""
