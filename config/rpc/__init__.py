"""The gRPC gateway: what serves the services of all rooms."""
