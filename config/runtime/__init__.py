"""Everything that turns a bare machine into a running Habyss: embedded PostgreSQL and Redis, and the supervisor.

Nothing in this package needs Django to be configured, so it can prepare the environment that Django then reads.
"""
