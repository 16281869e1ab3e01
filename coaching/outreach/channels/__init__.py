"""The ways to reach a person that need no carrier: in the app, by e-mail, by push."""
