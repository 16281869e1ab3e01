"""The API describes itself, and the description needs nothing from elsewhere."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return Client().get(reverse("schema"), {"format": "json"}).json()


def test_it_is_openapi_3_1_with_both_ways_to_sign_in(document) -> None:
    assert document["openapi"].startswith("3.1")
    schemes = document["components"]["securitySchemes"]
    assert schemes["sessionToken"]["name"] == "X-Session-Token"
    assert "cookieAuth" in schemes


def test_every_operation_names_its_problems(document) -> None:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method not in {"get", "post", "put", "patch", "delete"}:
                continue
            responses = operation["responses"]
            assert "401" in responses, path
            if "$ref" in responses["401"]:
                assert responses["401"] == {"$ref": "#/components/responses/Problem401"}
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            assert (method == "get") != ("Idempotency-Key" in names), path
            # A deed of one row (done, snoozed) may name the version it was meant for as well.
            edits, deeds = {"put", "patch", "delete"}, {"post"}
            assert method in edits | deeds or "If-Match" not in names, path
            assert method not in edits or "If-Match" in names, path


def test_the_persons_routes_are_in_it(document) -> None:
    for path in ("", "consents/", "devices/", "data-requests/"):
        assert f"/api/v1/users/me/{path}" in document["paths"]


def test_the_docs_page_runs_under_the_strict_policy() -> None:
    client = Client()
    answer = client.get(reverse("api-docs"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert "<style" not in page
    assert not re.search(r"""(src|href)=["'](https?:)?//""", page)
    [script] = re.findall(r'<script src="([^"]*script=[^"]*)"', page)
    answer = client.get(script.replace("&amp;", "&"))
    assert answer.status_code == 200
    assert "javascript" in answer["Content-Type"]


def test_an_unknown_address_of_the_api_is_a_problem_document() -> None:
    for answer in (Client().get("/api/v1/nowhere/"), Client().post("/api/")):
        assert answer.status_code == 404
        assert answer["Content-Type"] == "application/problem+json"
