"""Fixtures that every test of tasks may use."""

from coaching.llm.tests.fixtures import _model_servers, fallback_server, model_server

__all__ = ["_model_servers", "fallback_server", "model_server"]
