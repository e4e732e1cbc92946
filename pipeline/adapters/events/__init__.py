"""Events as the telephone system writes them."""
