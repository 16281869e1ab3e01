"""The Python side of `.proto` files, made when a process starts; nothing generated is kept."""

import sys
from types import ModuleType

import grpc
from django.conf import settings


def load(path: str) -> tuple[ModuleType, ModuleType]:
    """The messages and the services of a `.proto` file, whose `path` is relative to the root of the project."""
    root = str(settings.BASE_DIR)
    if root not in sys.path:  # started from elsewhere: the compiler looks only there
        sys.path.insert(0, root)
    messages, services = grpc.protos_and_services(path)
    return messages, services


def service_names(messages: ModuleType) -> list[str]:
    """The full names of the services that a loaded `.proto` file declares."""
    described = messages.DESCRIPTOR.services_by_name
    return [service.full_name for service in described.values()]
