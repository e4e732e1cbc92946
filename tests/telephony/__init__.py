"""Recipes for telephone systems, tried with files as these write them."""
