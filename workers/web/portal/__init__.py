"""The pages, one module a subject. A page asks a desk or the gate, and shows what came of it."""
