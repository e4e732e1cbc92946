"""``/api/v1``: every act and reading, one module a subject, in the commands' names and fields."""
