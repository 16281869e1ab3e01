"""The Today page: tiles that the domains declare, assembled for one person and one moment."""
