"""Nobody reaches another person's rows, nobody changes anything unsigned, on any address of the site."""

import json
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from coaching.chat import conversing
from coaching.chat.limits import PerPerson

from .addresses import Address, addresses
from .cast import OURS, an_owner, belongings, ids_of_everything

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
STRANGER = "stranger@example.org"
METHODS = ["get", "post", "put", "patch", "delete"]
UNSAFE = METHODS[1:]
# Seen by everybody on purpose, for reading only.
PUBLIC = {
    "": "the home page welcomes those who are not signed in",
    "healthz": "asked by load balancers",
    "readyz": "asked by load balancers",
    "manifest.webmanifest": "the installable app; nothing personal in it",
    "sw.js": "the installable app; nothing personal in it",
    "icons/<int:size>.png": "the installable app; nothing personal in it",
    "offline/": "shown without a connection; nothing personal in it",
    "unsubscribe/<str:token>/": "the way out in every e-mail; names nobody, and its token is signed",
    "tasks/feed/<str:token>.ics": "read by calendars; names nobody, and its token is a secret",
    "api/": "whatever no other route took: always 404",
    "api/v1/schema/": "the API's document",
    "api/v1/docs/": "the API's document",
}
# Not asked by people: whoever sends there signs what it sends, and names people by ids of its own.
SIGNED = {"api/v1/webhooks/garmin/<str:kind>/"}
# Their day is one of whoever asks and names no row.
OWN_DAYS = {"momentum/day/<momentum_day:day>/"}
# Their identifier is made by the page that sends it and names no row.
OWN_TOKENS = {
    "today/tiles/<str:tile>/taps/<uuid:token>/",
    "today/tiles/<str:tile>/views/<uuid:token>/",
}
NAMED = [
    a
    for a in addresses()
    if a.parameters and a.route not in PUBLIC.keys() | OWN_TOKENS | OWN_DAYS | SIGNED
]
WITH_STATES = {
    *("coaching.Run", "coaching.Message", "coaching.Reminder", "habits.HabitSequence"),
    *("coaching.CoachMessage", "coaching.Consultation"),
}
# Tables whose identifiers no address and no answer speaks of: they would try what others tried already.
NEVER_NAMED = {
    *("accounts.AuditEntry", "accounts.IdempotencyKey", "coaching.CoachingProfile"),
    *("coaching.CrisisAlert", "coaching.ModelCall", "coaching.Preferences"),
    *("coaching.RawBehavioralLog", "coaching.ResponseFeedback", "habits.HabitCompletion"),
    *("habits.HabitPause", "habits.HabitStack", "habits.UserStreak"),
    *("coaching.ContactDecision", "coaching.Experiment", "coaching.ExperimentAssignment"),
    *("coaching.InteractionPattern", "coaching.MessageTemplate", "coaching.Notification"),
    *("coaching.NudgeDecision", "coaching.NudgePosterior"),
}
# Makes as many writes as possible valid, so that nothing but the owner's name can stop them.
BODY = {
    "text": "Mine now",
    "title": "Mine now",
    "name": "Mine now",
    "client_id": "of-the-stranger",
    "call": "call-1",
    "rating": 1,
    "status": "done",
    "day": "2026-11-01",
    "until": "2026-12-01",
    "minutes": 10,
    "category": "fitness",
    "primary_objective": "Mine now",
    "cadence": "daily",
    "starts_on": "2026-11-01",
    "measure": "yes_no",
    "value": "1",
    "reason": "ill",
    "granted": "yes",
    "what": "cause",
    "for": "hour",
    "engaged": True,
}


@pytest.fixture(scope="module")
def _cast(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any) -> Iterator[User]:
    """The owner, made once for the module; each test's changes are taken back to here."""
    with django_db_blocker.unblock(), transaction.atomic():
        storage, settings.MEDIA_ROOT = settings.MEDIA_ROOT, str(tmp_path_factory.mktemp("media"))
        User.objects.create_user(STRANGER, None, name="Stranger")
        yield an_owner()
        settings.MEDIA_ROOT = storage
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _tireless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Thousands of refusals need no line each in the log, and no rate limit may hide a way in."""
    monkeypatch.setattr(conversing, "_sends", PerPerson(1_000_000))
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def owner(_cast: User, db: None) -> User:
    return User.objects.get(pk=_cast.pk)


@pytest.fixture
def stranger(owner: User, client: Client) -> Client:
    client.force_login(User.objects.get(email=STRANGER), backend=BACKEND)
    return client


@pytest.fixture
def phone(stranger: Client) -> Client:
    """The stranger again, with a token instead of a cookie."""
    token = stranger.session.session_key or ""
    return Client(headers={"X-Session-Token": token}, enforce_csrf_checks=True)


def ask(client: Client, method: str, path: str, body: dict[str, Any] = BODY) -> Any:
    if method == "get":
        return client.get(path)
    if path.startswith("/api/") and "attachments" not in path:
        data = json.dumps(body)
        return getattr(client, method)(path, data=data, content_type="application/json")
    if method == "post":
        return client.post(path, data=body)
    return getattr(client, method)(path)


def ids() -> list[tuple[str, UUID]]:
    """Identifiers of every table: one of each, and all of those whose rows differ in state."""
    kinds: dict[str, list[UUID]] = {}
    for label, identifier in ids_of_everything():
        if label not in NEVER_NAMED:
            kinds.setdefault(label, []).append(identifier)
    return [
        (label, each)
        for label, found in kinds.items()
        for each in (found if label in WITH_STATES else found[:1])
    ]


def understood(client: Client, address: Address) -> list[str]:
    """The methods that the address takes at all."""
    path = address.with_value(uuid4())
    return [method for method in METHODS if ask(client, method, path).status_code != 405]


def everything() -> list[tuple[str, Any]]:
    return [
        (model._meta.label, row)
        for model in apps.get_models()
        if model._meta.app_label in OURS
        for row in model._default_manager.order_by("pk").values()
    ]


def test_there_is_something_to_walk() -> None:
    assert len(addresses()) > 100
    assert len(NAMED) > 50


def test_the_owner_has_something_in_every_table(owner: User) -> None:
    empty = {
        model._meta.label
        for model in belongings()
        if not model._default_manager.filter(pk__isnull=False).exists()
    }
    assert empty == set()


@pytest.mark.parametrize("address", NAMED, ids=lambda address: address.route)
def test_anothers_ids_are_not_found(address: Address, stranger: Client) -> None:
    named = ids()
    before = everything()
    methods = understood(stranger, address)
    assert methods
    for label, identifier in named:
        for method in methods:
            response = ask(stranger, method, address.with_value(identifier))
            assert response.status_code == 404, (
                f"{method.upper()} {address.route} with a {label} gave {response.status_code}: "
                f"{getattr(response, 'content', b'')[:300]!r}"
            )
            assert b"secret" not in response.content
    assert everything() == before


@pytest.mark.parametrize(
    "address",
    [address for address in NAMED if address.route.startswith("api/")],
    ids=lambda address: address.route,
)
def test_a_phone_finds_no_more(address: Address, phone: Client) -> None:
    methods = understood(phone, address)
    assert methods
    for label, identifier in dict(ids()).items():
        for method in methods:
            response = ask(phone, method, address.with_value(identifier))
            assert response.status_code == 404, f"{method.upper()} {address.route} with a {label}"


@pytest.mark.parametrize(
    "address", [a for a in addresses() if not a.parameters], ids=lambda address: address.route
)
def test_no_list_and_no_page_shows_anothers_rows(address: Address, stranger: Client) -> None:
    response = stranger.get("/" + address.route)
    content = response.content if not response.streaming else b"".join(response)
    assert b"secret" not in content


@pytest.mark.parametrize(
    "address",
    [a for a in addresses() if a.route not in PUBLIC.keys() | SIGNED],
    ids=lambda address: address.route,
)
def test_nobody_signed_out_gets_in(address: Address, owner: User, client: Client) -> None:
    path = address.with_value(owner.pk)
    for method in METHODS:
        response = ask(client, method, path)
        if address.route.startswith("api/"):
            assert response.status_code == 401, f"{method} {path} gave {response.status_code}"
        elif response.status_code != 405:
            assert response.status_code == 302, f"{method} {path} gave {response.status_code}"
            assert response["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("route", sorted(PUBLIC))
def test_what_everybody_may_see_nobody_may_change(route: str, owner: User) -> None:
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(owner, backend=BACKEND)
    before = everything()
    for method in UNSAFE:
        response = ask(guarded, method, Address(route).with_value(owner.pk))
        assert response.status_code in {403, 404, 405}
    assert everything() == before


@pytest.mark.parametrize(
    "address",
    [a for a in addresses() if a.route not in PUBLIC.keys() | SIGNED],
    ids=lambda address: address.route,
)
def test_every_change_needs_a_token(address: Address, owner: User) -> None:
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(owner, backend=BACKEND)
    before = everything()
    for method in UNSAFE:
        response = ask(guarded, method, address.with_value(owner.pk))
        assert response.status_code == 403, (
            f"{method.upper()} {address.route} gave {response.status_code} without a token"
        )
    assert everything() == before


# Where a body names a row: the address, the method, the field, and the table whose rows it takes.
NAMED_IN_BODIES = [
    ("/coach/send/", "post", "conversation", "coaching.Conversation"),
    ("/api/v1/coach/message", "post", "conversation", "coaching.Conversation"),
    ("/api/v1/coach/message", "post", "attachments", "coaching.Attachment"),
    ("/api/v1/habits/", "post", "goal", "habits.Goal"),
    ("/habits/new/", "post", "goal", "habits.Goal"),
]


@pytest.mark.parametrize(("path", "method", "field", "label"), NAMED_IN_BODIES)
def test_a_body_cannot_name_anothers_row(
    path: str, method: str, field: str, label: str, stranger: Client
) -> None:
    identifier = str(dict(ids())[label])
    before = everything()
    value = [identifier] if field == "attachments" else identifier
    response = ask(stranger, method, path, {**BODY, field: value})
    assert response.status_code in {400, 404, 422}, response.status_code
    assert b"secret" not in response.content
    assert everything() == before


@pytest.mark.parametrize("path", ["/api/v1/habits/", "/api/v1/habits/goals/", "/api/v1/reminders/"])
def test_a_body_cannot_choose_the_owner_or_the_key(
    path: str, owner: User, stranger: Client
) -> None:
    chosen = uuid4()
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    body = {
        **BODY,
        "id": str(chosen),
        "user": str(owner.pk),
        "user_id": str(owner.pk),
        "remind_at": later,
        "deleted_at": later,
        "status": "active",
    }
    response = ask(stranger, "post", path, body)
    assert response.status_code == 201, response.content
    assert response.json()["id"] != str(chosen)
    made = [row for _, row in everything() if str(row.get("id")) == response.json()["id"]]
    assert [row["user_id"] for row in made] != [owner.pk]
    assert made[0].get("deleted_at") is None


def test_a_person_cannot_promote_themselves(stranger: Client) -> None:
    wished = {
        "is_staff": True,
        "is_superuser": True,
        "email": "admin@example.org",
        "phone_verified_at": timezone.now().isoformat(),
        "password": "x",
        "id": str(uuid4()),
    }
    before = User.objects.filter(email=STRANGER).values().get()
    response = stranger.patch(
        "/api/v1/users/me/", data=json.dumps(wished), content_type="application/json"
    )
    assert response.status_code in {200, 400}
    after = User.objects.filter(email=STRANGER).values().get()
    assert {**after, "updated_at": None} == {**before, "updated_at": None}
