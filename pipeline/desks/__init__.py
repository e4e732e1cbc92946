"""What people do: one module a subject. Every public method takes an `Actor` and goes through `acts`."""
