"""Addresses below /momentum/import/."""

from django.urls import URLPattern, path

from . import imports

urlpatterns: list[URLPattern] = [
    path("import/", imports.imports, name="momentum_import"),
    path("import/<uuid:pk>/", imports.one_import, name="momentum_import_one"),
    path("import/<uuid:pk>/forget/", imports.forget, name="momentum_import_forget"),
]
