"""The access log's house: who did what, and the proof that nothing in it was changed.

``proof``       pure: the tree, signed notes, checkpoints, and verification from bytes and public keys alone
``key``         the key checkpoints are signed with, in a file, and the keys before it
``places``      where checkpoints are kept out of the writer's reach: a directory, a locked bucket
``timestamps``  time-stamps of checkpoints by a third party (RFC 3161)
``export``      the log in a directory: written for an auditor, and verified from there without any database
``book``        the log in a SQL database: many writers, one sequencer, readers, export, expiry
"""
