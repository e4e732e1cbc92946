"""Small Protocols whose docstrings are contracts; one contract suite runs against every adapter of each."""
