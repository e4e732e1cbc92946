"""Figures that point at nobody (U6): what of a count may be published, and what a question about it is answered."""
