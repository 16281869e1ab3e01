"""Fixtures that every package of the coach may use."""

import hypothesis

from coaching.llm.tests.fixtures import _model_servers, fallback_server, model_server

__all__ = ["_model_servers", "fallback_server", "model_server"]

# A busy machine is no reason for a property to fail.
hypothesis.settings.register_profile("habyss", deadline=None)
hypothesis.settings.load_profile("habyss")
