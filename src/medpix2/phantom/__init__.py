"""A synthetic collection: the offline demo, the tests' ground truth, the load generator."""
