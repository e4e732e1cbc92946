"""The JSON of what people are shown: one form for the commands and the API, one module a subject."""
