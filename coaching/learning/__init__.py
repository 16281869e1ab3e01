"""What the coach learns from what people do with its answers and predictions."""
