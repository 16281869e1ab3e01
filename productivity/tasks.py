"""Work of the queue: thin calls of the idea modules, each safe to run twice."""
