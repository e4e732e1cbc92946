"""What runs: the loop of a worker, the service, the relay, the watch."""
