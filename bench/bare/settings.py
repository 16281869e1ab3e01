"""The product's settings with the bare endpoints added."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.bare.urls"
