"""Liveness and readiness."""

import pytest
from django.db import OperationalError, connection
from django.test import Client


def test_a_living_process_says_so_without_asking_the_stores(client: Client) -> None:
    response = client.get("/healthz")

    assert response.status_code == 200
    assert response.json() == {"status": "ok"}
    assert "no-cache" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_process_with_its_stores_is_ready(client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json()["checks"] == {"database": True, "redis": True}


@pytest.mark.django_db
def test_a_process_without_its_database_is_not_ready(client: Client) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["database"] is False


def test_health_is_for_reading_only(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
