"""What to do with personal data once it is found: merge, name, decide, measure. Pure, standard library only."""
