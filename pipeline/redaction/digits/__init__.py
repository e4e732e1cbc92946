"""Recognisers of dictated numbers and letters that are the same in every language."""
