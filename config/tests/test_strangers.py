"""Nobody reaches another person's rows, nobody changes anything unsigned, on any address of the site."""

import pytest
from django.test import Client

from accounts.models import User

from .addresses import Address, addresses
from .cast import an_owner, ids_of_everything

pytestmark = pytest.mark.django_db
METHODS = ["get", "post", "put", "patch", "delete"]
# What a stranger may get: not found, not like that, not with this body. Never a success.
HIDDEN = {404, 405, 406, 410, 415}
PUBLIC = {
    "healthz",
    "readyz",
    "manifest.webmanifest",
    "service-worker.js",
    "offline/",
    "api/v1/schema/",
    "api/v1/docs/",
}
NAMED = [address for address in addresses() if address.parameters]


@pytest.fixture
def stranger(client: Client) -> Client:
    user = User.objects.create_user("stranger@example.org", "a long pass phrase", name="Stranger")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = True
    return client


def test_there_is_something_to_walk() -> None:
    assert len(addresses()) > 30
    assert len(NAMED) > 10


@pytest.mark.parametrize("address", NAMED, ids=lambda address: address.route)
def test_anothers_ids_are_not_found(address: Address, stranger: Client) -> None:
    an_owner()
    before = sorted(ids_of_everything())
    for label, identifier in before:
        if label == "accounts.User" and "stranger" in str(identifier):
            continue
        for method in METHODS:
            response = getattr(stranger, method)(
                address.with_value(identifier), data={}, content_type="application/json"
            )
            assert response.status_code in HIDDEN, (
                f"{method.upper()} {address.route} with a {label} gave {response.status_code}"
            )
            assert b"secret" not in getattr(response, "content", b"")
    assert sorted(ids_of_everything()) == before


@pytest.mark.parametrize(
    "address",
    [address for address in addresses() if address.route not in PUBLIC],
    ids=lambda address: address.route,
)
def test_nobody_signed_out_gets_in(address: Address, client: Client) -> None:
    owner = an_owner()
    path = address.with_value(owner.pk)
    for method in METHODS:
        response = getattr(client, method)(path, data={}, content_type="application/json")
        assert response.status_code in {301, 302, 401, 403, 404, 405}, f"{method} {path}"
        if response.status_code in {301, 302}:
            assert "login" in response["Location"] or response["Location"].startswith("/accounts/")


@pytest.mark.parametrize("address", addresses(), ids=lambda address: address.route)
def test_every_change_needs_a_token(address: Address) -> None:
    owner = an_owner()
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    for identifier in {identifier for _, identifier in ids_of_everything()}:
        for method in ["post", "put", "patch", "delete"]:
            response = getattr(guarded, method)(
                address.with_value(identifier), data={}, content_type="application/json"
            )
            assert response.status_code in {403, 404, 405}, (
                f"{method.upper()} {address.route} gave {response.status_code} without a token"
            )
        if not address.parameters:
            break
