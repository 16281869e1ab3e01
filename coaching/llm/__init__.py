"""Language models: the one gateway to them, and the built-in coach."""

import os

# LiteLLM reads this when it is imported, by whomever: without it, it fetches a price list from the network.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
