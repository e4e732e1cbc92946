"""French: its words, its questions, its recognisers."""
