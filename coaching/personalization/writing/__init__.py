"""How a portrait and a personal prompt are written: from facts, by a model or by the built-in composer."""
