"""Papers from the policy in force (GDPR, articles 13, 28, 30 and 35): each says what the policy says, and no more."""
