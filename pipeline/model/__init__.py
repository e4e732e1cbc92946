"""Frozen values, standard library only. Wrong states cannot be written; secrets do not print."""
