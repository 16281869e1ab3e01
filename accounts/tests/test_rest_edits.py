"""Edits that name the version they change, lists of what changed, and errors in one shape."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, re_path
from django.utils import timezone
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import ModelSerializer
from rest_framework.test import APIClient
from rest_framework.viewsets import ModelViewSet

from accounts.models import User
from accounts.rest import problems
from accounts.rest.etags import MatchedEdits, etag_of
from accounts.rest.idempotency import IdempotentWrites
from accounts.rest.sync import SyncedList

from .factories import UserFactory


class PersonSerializer(ModelSerializer):
    class Meta:
        model = User
        fields = ["id", "name"]


class People(IdempotentWrites, MatchedEdits, SyncedList, ModelViewSet):
    serializer_class = PersonSerializer

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.filter(coach=self.request.user.pk)


def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def crashing(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("crash")


router = SimpleRouter()
router.register("people", People, "person")
urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/plain/", plain),
    path("api/crashing/", crashing),
    path("api/", include(router.urls)),
    re_path(r"^api/", problems.no_such_route),
]
handler500 = "accounts.rest.problems.server_error"
pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


@pytest.fixture
def owner() -> User:
    return UserFactory.create()


@pytest.fixture
def client(owner: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(owner)
    return client


class TestIfMatch:
    def test_a_read_carries_a_tag_and_an_edit_that_names_it_passes(self, owner, client) -> None:
        row = UserFactory.create(coach=owner)
        url = f"/api/people/{row.pk}/"
        tag = client.get(url)["ETag"]
        answer = client.patch(url, {"name": "Ann"}, format="json", HTTP_IF_MATCH=tag)
        assert answer.status_code == 200
        row.refresh_from_db()
        assert answer["ETag"] == etag_of(row) != tag

    def test_an_edit_of_an_older_version_gets_the_present_state(self, owner, client) -> None:
        row = UserFactory.create(coach=owner)
        url = f"/api/people/{row.pk}/"
        tag = client.get(url)["ETag"]
        client.patch(url, {"name": "Ann"}, format="json")
        answer = client.patch(url, {"name": "Bea"}, format="json", HTTP_IF_MATCH=tag)
        assert answer.status_code == 412
        assert answer.json()["current"]["name"] == "Ann"
        row.refresh_from_db()
        assert answer["ETag"] == etag_of(row)
        assert client.delete(url, HTTP_IF_MATCH=tag).status_code == 412
        assert client.delete(url, HTTP_IF_MATCH=answer["ETag"]).status_code == 204

    def test_any_and_lists_match_but_a_weak_tag_does_not(self, owner, client) -> None:
        row = UserFactory.create(coach=owner)
        url = f"/api/people/{row.pk}/"
        tag = client.get(url)["ETag"]
        body = {"name": row.name}
        assert client.patch(url, body, format="json", HTTP_IF_MATCH=f"W/{tag}").status_code == 412
        tags = f'"x", {tag}'
        assert client.patch(url, body, format="json", HTTP_IF_MATCH=tags).status_code == 200
        assert client.patch(url, body, format="json", HTTP_IF_MATCH="*").status_code == 200


class TestSync:
    def test_a_plain_list_leaves_deleted_rows_out(self, owner, client) -> None:
        kept = UserFactory.create(coach=owner)
        gone = UserFactory.create(coach=owner, deleted_at=timezone.now())
        ids = [row["id"] for row in client.get("/api/people/").json()["results"]]
        assert ids == [str(kept.pk)]
        assert client.get(f"/api/people/{gone.pk}/").status_code == 404

    def test_changes_come_in_their_order_with_tombstones(self, owner, client) -> None:
        old, gone, new = (UserFactory.create(coach=owner) for _ in range(3))
        start = datetime(2026, 3, 1, tzinfo=UTC)
        User.objects.filter(pk=old.pk).update(updated_at=start - timedelta(seconds=1))
        User.objects.filter(pk=new.pk).update(updated_at=start)
        User.objects.filter(pk=gone.pk).update(updated_at=start, deleted_at=start)
        answer = client.get("/api/people/", {"updated_since": "2026-03-01T00:00:00Z"})
        assert answer.json()["results"] == [
            {"id": str(gone.pk), "deleted_at": start.isoformat()},
            {"id": str(new.pk), "name": new.name},
        ]
        assert answer["X-Synced-At"].endswith("Z")

    def test_pages_of_equal_moments_lose_nothing(self, owner, client) -> None:
        people = UserFactory.create_batch(5, coach=owner)
        User.objects.filter(coach=owner).update(updated_at=datetime(2026, 3, 1, tzinfo=UTC))
        url = "/api/people/?updated_since=2026-02-28T00:00:00%2B01:00&page_size=2"
        seen = []
        while url:
            page = client.get(url).json()
            seen += [row["id"] for row in page["results"]]
            url = page["next"]
        assert seen == [str(row.pk) for row in people]

    @pytest.mark.parametrize("value", ["yesterday", "2026-03-01T00:00:00", "2026-13-01T00:00:00Z"])
    def test_a_moment_that_is_none_is_a_problem(self, client, value) -> None:
        answer = client.get("/api/people/", {"updated_since": value})
        assert answer.status_code == 400
        assert "updated_since" in answer.json()["errors"]


class TestPages:
    @pytest.mark.parametrize("size", ["0", "-1", "201", "null", "²", ""])
    def test_a_page_size_that_is_none_is_a_problem(self, client, size) -> None:
        assert client.get("/api/people/", {"page_size": size}).status_code == 400

    def test_a_page_has_the_size_that_was_asked_for(self, owner, client) -> None:
        UserFactory.create_batch(3, coach=owner)
        answer = client.get("/api/people/", {"page_size": "2"}).json()
        assert len(answer["results"]) == 2
        assert answer["next"]


class TestProblems:
    def check(self, answer, status: int) -> None:
        assert answer.status_code == status
        assert answer["Content-Type"] == "application/problem+json"
        body = answer.json()
        assert body["status"] == status
        assert body["title"]
        assert body["detail"]

    def test_nobody_signed_in(self) -> None:
        answer = APIClient().get("/api/people/")
        self.check(answer, 401)
        assert answer["WWW-Authenticate"] == "X-Session-Token"

    def test_a_cookie_without_a_csrf_token(self, owner) -> None:
        client = APIClient(enforce_csrf_checks=True)
        client.force_login(owner)
        self.check(client.post("/api/people/", {"name": "A"}, format="json"), 403)

    def test_djangos_own_csrf_failure(self) -> None:
        self.check(Client(enforce_csrf_checks=True).post("/api/plain/"), 403)

    def test_no_route_and_no_row(self, client) -> None:
        self.check(client.get("/api/nowhere/"), 404)
        self.check(client.post("/api/nowhere"), 404)
        self.check(client.get(f"/api/people/{UserFactory.create().pk}/"), 404)

    def test_a_method_a_format_and_a_type_that_are_not_served(self, client) -> None:
        self.check(client.put("/api/people/"), 405)
        self.check(client.get("/api/people/", HTTP_ACCEPT="text/csv"), 406)
        self.check(client.post("/api/people/", "x", content_type="text/csv"), 415)

    def test_broken_json(self, client) -> None:
        self.check(client.post("/api/people/", "{", content_type="application/json"), 400)

    def test_a_fault_of_ours(self, owner) -> None:
        self.check(Client(raise_request_exception=False).get("/api/crashing/"), 500)
