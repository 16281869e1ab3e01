"""Staff read what was said and why, decide what waits, write to their people, and see what the policy brings."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from accounts.tests.factories import StaffFactory, UserFactory
from coaching.admin.outreach import words
from coaching.admin.outreach.nudges import SILENCE
from coaching.admin.outreach.wordings import unknown_names
from coaching.checks import causes_to_approve
from coaching.models import (
    CoachMessage,
    ContactDecision,
    CrisisAlert,
    DeliveryState,
    InteractionPattern,
    MessageCause,
    MessageTemplate,
    Notification,
    NudgeDecision,
    Reason,
)
from coaching.outreach import figures, outbox
from coaching.outreach.policy.availability import Unavailable
from coaching.outreach.policy.config import PolicyNumbers
from coaching.outreach.policy.evaluation import always, judged, never, recorded
from coaching.outreach.policy.features import FEATURES
from coaching.toolkit import need_sources

pytestmark = pytest.mark.django_db
LIST = "admin:coaching_coachmessage_changelist"
ADD = "admin:coaching_coachmessage_add"
NUDGES = "admin:coaching_nudgedecision_changelist"
WORDINGS = "admin:coaching_messagetemplate_changelist"
# A Wednesday at noon, so that nobody is quiet, away or asleep.
NOON = datetime(2026, 6, 10, 10, 0, tzinfo=UTC)


def sign_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def boss() -> User:
    return StaffFactory.create(is_superuser=True)


@pytest.fixture
def coach() -> User:
    call_command("load_groups", verbosity=0)
    coach = StaffFactory.create()
    coach.groups.add(Group.objects.get(name="Coaches"))
    return coach


@pytest.fixture
def ada(coach: User) -> User:
    return UserFactory.create(name="Ada", coach=coach)


def waiting(user: User, key: str = "1", **fields: Any) -> CoachMessage:
    """A message of automation that waits for a yes, now."""
    given: dict[str, Any] = {"channel": "in_app", "cause": MessageCause.NUDGE, "body": "A walk?"}
    given |= fields
    return outbox.compose(user, cause_key=key, now=timezone.now(), needs_approval=True, **given)


def act(client: Client, action: str, *rows: CoachMessage, method: str = "post", **more: str) -> Any:
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    return getattr(client, method)(reverse(LIST), data)


def state_of(message: CoachMessage) -> str:
    return CoachMessage.objects.values_list("state", flat=True).get(pk=message.pk)


class TestApproval:
    @pytest.mark.parametrize("action", ["approve", "reject"])
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_nothing_changes_before_it_is_confirmed(self, coach, ada, action, method) -> None:
        message = waiting(ada)
        act(sign_in(coach), action, message, method=method)
        assert state_of(message) == DeliveryState.PENDING_APPROVAL
        assert not ContactDecision.objects.exists()

    def test_a_get_that_says_yes_changes_nothing(self, coach, ada) -> None:
        message = waiting(ada)
        for action in ("approve", "reject"):
            act(sign_in(coach), action, message, method="get", confirmed="yes")
        assert state_of(message) == DeliveryState.PENDING_APPROVAL

    def test_a_yes_lets_it_be_judged_once(self, coach, ada) -> None:
        message = waiting(ada)
        for _ in range(2):
            act(sign_in(coach), "approve", message, confirmed="yes")
        assert state_of(message) != DeliveryState.PENDING_APPROVAL
        assert ContactDecision.objects.filter(message=message).count() == 1
        [entry] = AuditEntry.objects.filter(subject=ada)
        assert entry.action == "message.approved"

    def test_a_no_ends_it_and_a_later_yes_does_not_wake_it(self, coach, ada) -> None:
        message = waiting(ada)
        act(sign_in(coach), "reject", message, confirmed="yes")
        act(sign_in(coach), "approve", message, confirmed="yes")
        message.refresh_from_db()
        assert (message.state, message.reason) == (DeliveryState.SUPPRESSED, Reason.REJECTED)

    def test_nobody_decides_about_the_people_of_others(self, coach) -> None:
        message = waiting(UserFactory.create())
        act(sign_in(coach), "approve", message, confirmed="yes")
        assert state_of(message) == DeliveryState.PENDING_APPROVAL

    def test_who_may_only_look_does_not_decide(self, coach, ada) -> None:
        group = Group.objects.get(name="Coaches")
        group.permissions.remove(*group.permissions.filter(codename="change_coachmessage"))
        message = waiting(ada)
        act(sign_in(coach), "approve", message, confirmed="yes")
        assert state_of(message) == DeliveryState.PENDING_APPROVAL

    def test_kinds_named_in_the_settings_wait(self, settings, ada, coach) -> None:
        settings.OUTREACH_APPROVE_CAUSES = ["nudge", "coach", "reminder"]

        def written(cause: str, **more: Any) -> str:
            message = outbox.compose(
                ada, channel="in_app", cause=cause, cause_key=cause, body=cause, now=NOON, **more
            )
            return message.state

        assert written("nudge") == DeliveryState.PENDING_APPROVAL
        assert written("digest") != DeliveryState.PENDING_APPROVAL
        assert written("reminder") != DeliveryState.PENDING_APPROVAL
        assert written("coach", author=coach) != DeliveryState.PENDING_APPROVAL

    def test_a_kind_that_cannot_wait_is_no_setting(self, settings) -> None:
        settings.OUTREACH_APPROVE_CAUSES = ["nudge", "check_in"]
        assert causes_to_approve() == []
        settings.OUTREACH_APPROVE_CAUSES = ["nudges", "reminder"]
        [error] = causes_to_approve()
        assert "nudges, reminder" in error.msg


class TestReading:
    def test_the_page_tells_the_whole_story(self, coach, ada) -> None:
        ada.timezone = "Asia/Tokyo"
        ada.save()
        message = outbox.compose(
            ada,
            channel="in_app",
            cause=MessageCause.NUDGE,
            cause_key="n",
            body="<b>Walk?</b>",
            now=datetime(2026, 6, 10, 13, 0, tzinfo=UTC),
            expires_at=datetime(2026, 6, 12, tzinfo=UTC),
        )
        Notification.objects.create(message=message, channel="in_app", reason="line busy")
        address = reverse("admin:coaching_coachmessage_change", args=[message.pk])
        page = sign_in(coach).get(address).content.decode()
        assert "&lt;b&gt;Walk?&lt;/b&gt;" in page
        assert "Held until Thu 11 Jun 2026, 08:00: it was in their quiet hours" in page
        assert "0 of 2 messages that day" in page
        assert "line busy" in page
        assert AuditEntry.objects.get().action == "read"

    def test_parts_and_whole_lead_to_each_other(self, boss, ada) -> None:
        whole, part = waiting(ada, "whole"), waiting(ada, "part", body="Read?")
        part.state, part.reason, part.merged_into = "merged", Reason.DIGESTED, whole
        part.save()
        client = sign_in(boss)
        for one, other in ((whole, part), (part, whole)):
            page = client.get(reverse("admin:coaching_coachmessage_change", args=[one.pk]))
            other_page = reverse("admin:coaching_coachmessage_change", args=[other.pk])
            assert other_page in page.content.decode()

    def test_every_reason_has_words_for_staff(self) -> None:
        assert set(words.REASONS) == set(Reason)
        assert not [text for text in words.REASONS.values() if " you" in f" {text.lower()}"]
        assert set(SILENCE) == set(Unavailable)

    @pytest.mark.parametrize("name", [LIST, NUDGES])
    def test_a_coach_sees_their_own_people_only(self, coach, ada, name: str) -> None:
        for user in (ada, UserFactory.create(name="Zoe")):
            nudge(user, message=waiting(user))
        page = sign_in(coach).get(reverse(name)).content.decode()
        assert "Ada" in page
        assert "Zoe" not in page

    def test_a_message_is_nobodys_to_edit_or_delete(self, boss, ada) -> None:
        message = waiting(ada)
        change = reverse("admin:coaching_coachmessage_change", args=[message.pk])
        delete = reverse("admin:coaching_coachmessage_delete", args=[message.pk])
        client = sign_in(boss)
        assert client.post(change, {"body": "changed"}).status_code == 403
        assert client.post(delete, {"post": "yes"}).status_code == 403


def test_a_range_of_days_holds_all_of_its_last_day(boss: User) -> None:
    message = outbox.compose(
        UserFactory.create(),
        channel="in_app",
        cause="nudge",
        cause_key="1",
        body="A walk?",
        now=NOON,
    )
    client = sign_in(boss)

    def listed(first: str, last: str) -> bool:
        asked = {"created_at_from": first, "created_at_to": last}
        page = client.get(reverse(LIST), asked)
        assert page.status_code == 200
        return message in page.context["cl"].result_list

    assert listed("2026-06-10", "2026-06-10")
    assert not listed("2026-06-11", "")
    assert not listed("", "2026-06-09")
    assert listed("0001-01-01", "9999-12-31")
    assert listed("the day before", "\0")


class TestWriting:
    def form(self, to: User, **fields: str) -> dict[str, str]:
        given = {"key": str(uuid4()), "to": to.email, "channel": "in_app", "body": "Well done!"}
        return {**given, "waits_for": "3", **fields}

    def test_the_governor_decides_and_the_page_says_what(self, coach, ada) -> None:
        answer = sign_in(coach).post(reverse(ADD), self.form(ada), follow=True)
        message = CoachMessage.objects.get(user=ada)
        assert (message.cause, message.author) == (MessageCause.COACH, coach)
        assert ContactDecision.objects.filter(message=message).count() == 1
        assert "When it was written" in answer.content.decode()
        actions = set(AuditEntry.objects.filter(subject=ada).values_list("action", flat=True))
        assert "message.written" in actions

    def test_what_may_not_go_out_is_said_with_its_reason(self, coach, ada) -> None:
        answer = sign_in(coach).post(reverse(ADD), self.form(ada, channel="email"), follow=True)
        assert "they have not agreed to this channel" in answer.content.decode()
        assert CoachMessage.objects.get().state == DeliveryState.SUPPRESSED

    def test_sending_the_form_twice_is_one_message(self, coach, ada) -> None:
        form = self.form(ada)
        for _ in range(2):
            sign_in(coach).post(reverse(ADD), form)
        assert CoachMessage.objects.count() == 1

    def test_it_goes_out_on_their_clock(self, coach, ada) -> None:
        ada.timezone = "Asia/Tokyo"
        ada.save()
        day = (timezone.now() + timedelta(days=3)).astimezone(ada.tz).date()
        sign_in(coach).post(reverse(ADD), self.form(ada, on=day.isoformat(), at="14:30"))
        begins = CoachMessage.objects.get().not_before.astimezone(ada.tz)
        assert (begins.date(), f"{begins:%H:%M}") == (day, "14:30")

    @pytest.mark.parametrize("days", [-2, 60])
    def test_not_in_the_past_nor_far_ahead(self, coach, ada, days: int) -> None:
        day = (timezone.now() + timedelta(days=days)).date()
        answer = sign_in(coach).post(reverse(ADD), self.form(ada, on=day.isoformat()))
        assert answer.status_code == 422
        assert not CoachMessage.objects.exists()

    def test_strangers_cannot_be_written_to_nor_found_out(self, coach) -> None:
        other = UserFactory.create()
        client = sign_in(coach)
        assert other.email not in client.get(reverse(ADD), {"to": str(other.pk)}).content.decode()
        for address in (other.email, "nobody@example.org"):
            answer = client.post(reverse(ADD), {**self.form(other), "to": address})
            assert "Nobody in your caseload has this address." in answer.content.decode()
        assert not CoachMessage.objects.exists()

    def test_in_a_crisis_a_person_may_still_write(self, coach, ada) -> None:
        CrisisAlert.objects.create(
            user=ada,
            category="suicide",
            message_id=uuid4(),
            paused_until=timezone.now() + timedelta(days=7),
        )
        sign_in(coach).post(reverse(ADD), self.form(ada))
        assert CoachMessage.objects.get().state != DeliveryState.SUPPRESSED

    def test_the_persons_page_leads_here_and_shows_their_pattern(self, coach, ada) -> None:
        InteractionPattern.objects.create(user=ada, usual_hour=18.5, active_days_seen=40)
        page = sign_in(coach).get(reverse("admin:accounts_user_change", args=[ada.pk]))
        assert f"{reverse(ADD)}?to={ada.pk}" in page.content.decode()
        assert "18:30 on their clock" in page.content.decode()


def nudge(user: User, number: int = 0, **fields: Any) -> NudgeDecision:
    """A settled decision of an own date each."""
    at = fields.pop("at", timezone.now() - timedelta(days=number % 20, hours=1))
    given: dict[str, Any] = {
        "point": f"{number}",
        "policy_version": "v1",
        "is_available": True,
        "probability": 0.5,
        "random_number": 0.4,
        "sent": True,
        "reward": 0.5,
        "features": dict.fromkeys(FEATURES, 0.5),
    }
    return NudgeDecision.objects.create(
        user=user,
        at=at,
        local_date=at.date(),
        window_ends_at=at + timedelta(hours=4),
        **{**given, **fields},
    )


class TestThePolicy:
    def test_a_message_that_helps_shows_with_its_interval(self, boss) -> None:
        for at in range(12):
            user = UserFactory.create()
            for number in range(6):
                sent = (number + at) % 2 == 0
                nudge(user, number, sent=sent, reward=0.75 + at % 3 * 0.05 if sent else 0.25)
        found = figures.difference(NudgeDecision.objects.all(), "v1")
        assert found.people == 12
        assert found.decisions == 72
        assert found.value == pytest.approx(0.55)
        assert found.low is not None
        assert found.high is not None
        assert 0.5 < found.low < 0.55 < found.high < 0.6
        page = sign_in(boss).get(reverse("admin:coaching_nudgedecision_policy")).content.decode()
        assert "Messages help" in page
        assert page.count("<svg") >= 4
        assert page.count("The same as a table") == 4

    def test_what_was_drawn_more_often_does_not_weigh_more(self) -> None:
        """Two moments: a good one in which a message is likely, and a bad one in which it is not."""
        for _ in range(5):
            user = UserFactory.create()
            number = 0
            for odds, reward in ((0.8, 1.0), (0.2, 0.0)):
                for draw in range(10):
                    nudge(user, number, probability=odds, sent=draw < odds * 10, reward=reward)
                    number += 1
        found = figures.difference(NudgeDecision.objects.all(), "v1")
        assert found.value == pytest.approx(0.0, abs=1e-9)

    def test_the_sums_of_the_database_agree_with_the_evaluation_row_by_row(self) -> None:
        for at in range(5):
            user = UserFactory.create()
            for number in range(8):
                sent = (number * at) % 3 == 1
                odds = (0.2, 0.5, 0.8)[number % 3]
                nudge(user, number, probability=odds, sent=sent, reward=(at + number) % 4 / 4)
        rows = recorded(since=None, numbers=PolicyNumbers(version="v1"))
        each = judged(rows, {"always": always, "never": never})
        found = figures.difference(NudgeDecision.objects.all(), "v1")
        assert found.reward_with == pytest.approx(each["always"].self_normalised.value)
        assert found.reward_without == pytest.approx(each["never"].self_normalised.value)
        assert found.decisions == each["always"].decisions

    def test_the_odds_are_counted_in_their_bins(self, ada) -> None:
        for number, odds in enumerate([0.2, 0.25, 0.3, 0.8, 1.0]):
            nudge(ada, number, probability=odds)
        nudge(ada, 9, is_available=False, sent=False, unavailable_reason="no_need")
        assert figures.odds_histogram(NudgeDecision.objects.all()) == [0, 0, 2, 1, 0, 0, 0, 0, 1, 1]
        assert figures.reasons_for_silence(NudgeDecision.objects.all()) == [("no_need", 1)]

    def test_an_empty_record_is_said_to_be_empty(self, boss) -> None:
        page = sign_in(boss).get(reverse("admin:coaching_nudgedecision_policy"), {"days": "x"})
        assert "No decision was taken" in page.content.decode()

    def test_a_coach_counts_their_own_people_only(self, coach, ada) -> None:
        nudge(ada)
        nudge(UserFactory.create())
        page = sign_in(coach).get(reverse("admin:coaching_nudgedecision_policy")).content.decode()
        assert "1 decision," in page

    def test_looking_at_a_decision_is_written_down(self, coach, ada) -> None:
        row = nudge(ada)
        page = sign_in(coach).get(reverse("admin:coaching_nudgedecision_change", args=[row.pk]))
        assert page.status_code == 200
        assert AuditEntry.objects.get().subject == ada


def wording(**fields: Any) -> MessageTemplate:
    given = {"key": "w1", "purpose": "habits.due", "kind": "plain", "text": "{habit} is on today."}
    return MessageTemplate.objects.create(**{**given, **fields})


class TestWordings:
    def test_admins_edit_them_and_coaches_do_not(self, boss, coach) -> None:
        row = wording()
        change = reverse("admin:coaching_messagetemplate_change", args=[row.pk])
        new = {"purpose": row.purpose, "kind": "plain", "cause": "nudge", "text": "New: {habit}"}
        assert sign_in(coach).post(change, new).status_code == 403
        assert sign_in(coach).get(reverse(WORDINGS)).status_code == 200
        sign_in(boss).post(change, {**new, "is_active": "on"})
        row.refresh_from_db()
        assert row.text == "New: {habit}"

    def test_the_preview_reads_as_a_person_would_read_it(self, boss) -> None:
        page = sign_in(boss).get(
            reverse("admin:coaching_messagetemplate_change", args=[wording().pk])
        )
        assert "Morning walk is on today." in page.content.decode()

    def test_a_name_that_nothing_fills_is_pointed_out(self, boss) -> None:
        row = wording(text="{habit} and {weather}")
        assert unknown_names(row) == ["weather"]
        client = sign_in(boss)
        assert "{weather}</" in client.get(reverse(WORDINGS)).content.decode()
        page = client.get(reverse("admin:coaching_messagetemplate_change", args=[row.pk]))
        assert "Nothing fills {weather}" in page.content.decode()

    def test_every_wording_that_comes_with_the_product_can_be_used(self) -> None:
        call_command("load_message_templates", verbosity=0)
        named = {
            row.key: unknown_names(row)
            for row in MessageTemplate.objects.all()
            if row.purpose in need_sources
        }
        assert named
        assert not {key: names for key, names in named.items() if names}

    def test_its_record_counts_and_is_drawn_to_the_average(self, boss, ada) -> None:
        good, bad = wording(), wording(key="w2")
        for number in range(4):
            for row, is_done in ((good, True), (bad, False)):
                message = waiting(ada, f"{row.key}{number}", template=row)
                message.sent_at = timezone.now()
                message.engaged_at = timezone.now() if is_done else None
                message.save()
                point = number if is_done else number + 10
                nudge(ada, point, template=row, message=message, action_done=is_done)
        found = figures.wording_figures(timezone.now() - timedelta(days=30))
        assert (found[good.pk].sent, found[good.pk].followed, found[good.pk].done) == (4, 4, 4)
        rates = found[bad.pk].rate, found[good.pk].rate
        assert rates == (pytest.approx(10 / 24), pytest.approx(14 / 24))
        assert "4 of 4" in sign_in(boss).get(reverse(WORDINGS)).content.decode()

    def test_a_used_one_is_turned_off_and_not_deleted(self, boss, ada) -> None:
        used, unused = wording(), wording(key="w2")
        waiting(ada, template=used)
        for row, status in ((used, 403), (unused, 302)):
            address = reverse("admin:coaching_messagetemplate_delete", args=[row.pk])
            assert sign_in(boss).post(address, {"post": "yes"}).status_code == status

    def test_what_is_exported_can_be_imported_elsewhere_by_its_key(self, boss) -> None:
        wording()
        client = sign_in(boss)
        export: Any = client.post(
            reverse("admin:coaching_messagetemplate_export"),
            {"format": "0", "messagetemplateresource_key": "on"}
            | {f"wordingresource_{name}": "on" for name in ("key", "purpose", "kind", "text")}
            | {"resource": "0"},
        )
        assert b"{habit} is on today." in export.content
        changed = export.content.replace(b"is on today", b"is up next")
        upload = SimpleUploadedFile("w.csv", changed, content_type="text/csv")
        asked = client.post(
            reverse("admin:coaching_messagetemplate_import"),
            {"import_file": upload, "format": "0", "resource": "0"},
        )
        form = asked.context["confirm_form"].initial
        client.post(
            reverse("admin:coaching_messagetemplate_process_import"),
            {name: value for name, value in form.items() if value is not None},
        )
        assert MessageTemplate.objects.get().text == "{habit} is up next."


class TestHome:
    def test_the_day_in_figures_leads_to_the_messages(self, coach, ada) -> None:
        waiting(ada)
        waiting(UserFactory.create())
        sent = waiting(ada, "2")
        sent.state, sent.sent_at = DeliveryState.SENT, timezone.now()
        sent.save()
        page: Any = sign_in(coach).get(reverse("admin:index"))
        shown = {figure["label"]: figure for figure in page.context["outreach"]}
        assert shown["Waiting for approval"]["value"] == 1
        assert shown["Sent in 24 hours"]["value"] == 1
        assert shown["Outcome unknown"]["value"] == 0
        listed: Any = sign_in(coach).get(shown["Waiting for approval"]["link"])
        assert listed.context["cl"].result_count == 1


@pytest.mark.parametrize(
    "name", [LIST, NUDGES, WORDINGS, "admin:coaching_nudgedecision_policy", "admin:index"]
)
def test_more_rows_cost_no_more_queries(boss: User, name: str) -> None:
    client = sign_in(boss)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(reverse(name)).status_code == 200
        return len(caught)

    def fill(batch: int) -> None:
        for at in range(4):
            user = UserFactory.create(coach=boss)
            row = wording(key=f"{batch}-{at}")
            nudge(user, at, message=waiting(user, template=row), template=row, action_done=True)

    fill(1)
    queries()
    few = queries()
    fill(2)
    assert queries() <= few
