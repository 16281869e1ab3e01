"""What can go wrong with an embedding model, told apart by what should follow."""


class EmbeddingUnavailable(Exception):
    """No vectors just now: the text is kept without one, and found by its words until one is made."""


class UnsuitableEmbeddingModel(Exception):
    """This model can never be used as it is set: a person has to change the settings."""
