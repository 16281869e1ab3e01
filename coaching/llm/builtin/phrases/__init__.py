"""What the built-in coach says, as data: several wordings of each thing, so that it never repeats itself."""
