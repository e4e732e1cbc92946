"""The log's proofs, as pure functions: tree, proofs, signed notes, checkpoints, seals, offline verification."""
