"""How the coach gets to know a person: consultation, profile, personal prompt, and its weekly change."""
