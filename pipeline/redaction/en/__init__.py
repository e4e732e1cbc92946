"""English: its words, its questions, its recognisers."""
