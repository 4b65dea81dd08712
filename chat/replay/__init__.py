"""A run log beyond its process: copied to Redis, read back elsewhere as a mirror, refilled when Redis forgets."""
