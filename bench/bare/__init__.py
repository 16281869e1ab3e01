"""The bare Django REST framework endpoints that ours are compared with."""
