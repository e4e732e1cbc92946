"""The guarded doors: what stands between steps or desks and what is stored."""
