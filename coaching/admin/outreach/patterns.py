"""When and how a person is usually reached, beside the person. It leaves only with them, or with their consent."""

from django.contrib import admin
from django.utils import timezone
from unfold.admin import StackedInline

from accounts.staff import PersonLink, ReadOnly, person_inlines, person_links
from coaching.models import InteractionPattern


class InteractionPatternInline(ReadOnly, StackedInline):
    """What was learned, read-only."""

    model = InteractionPattern
    extra = 0
    verbose_name = "Interaction pattern"
    verbose_name_plural = "Interaction pattern (learned from what they did, with their consent)"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "usually",
                    "hours",
                    "days",
                    "answers",
                    "preferred_communication_channel",
                    "most",
                    "least",
                    "concept_mastery_speed",
                    "needs_repetition_count",
                    "evidence",
                )
            },
        ),
    )
    readonly_fields = ("usually", "hours", "days", "answers", "most", "least", "evidence")

    @admin.display(description="Usually active around", empty_value="varied")
    def usually(self, pattern: InteractionPattern) -> str:
        if pattern.usual_hour is None:
            return ""
        minutes = round(pattern.usual_hour * 60) % (24 * 60)
        concentration = pattern.hours_concentration
        spread = "" if concentration is None else f" (concentration {concentration:.2f} of 1)"
        return f"{minutes // 60:02d}:{minutes % 60:02d} on their clock{spread}"

    @admin.display(description="Most active hours", empty_value="–")
    def hours(self, pattern: InteractionPattern) -> str:
        return ", ".join(f"{hour}:00" for hour in pattern.most_active_hours)

    @admin.display(description="Most active days", empty_value="–")
    def days(self, pattern: InteractionPattern) -> str:
        return ", ".join(str(day).capitalize() for day in pattern.most_active_days)

    @admin.display(description="Usually answers within", empty_value="–")
    def answers(self, pattern: InteractionPattern) -> str:
        minutes = pattern.average_response_time_minutes
        return "" if minutes is None else f"{minutes} minutes"

    @admin.display(description="What engages most", empty_value="–")
    def most(self, pattern: InteractionPattern) -> str:
        return _kinds(pattern.most_engaging_message_types)

    @admin.display(description="What engages least", empty_value="–")
    def least(self, pattern: InteractionPattern) -> str:
        return _kinds(pattern.least_engaging_message_types)

    @admin.display(description="Rests on")
    def evidence(self, pattern: InteractionPattern) -> str:
        when = pattern.last_analyzed_at
        seen = f", worked out {timezone.localtime(when):%Y-%m-%d %H:%M}" if when else ""
        return (
            f"{pattern.active_days_seen} active days, "
            f"confidence {pattern.confidence_score:.2f} of 1{seen}"
        )


def _kinds(kinds: list[str]) -> str:
    return ", ".join(str(kind).replace("_", " ") for kind in kinds)


person_inlines.append(InteractionPatternInline)
person_links.append(
    PersonLink(
        "Write to this person",
        "admin:coaching_coachmessage_add",
        "coaching.add_coachmessage",
        parameter="to",
        field="pk",
    )
)
person_links.append(
    PersonLink(
        "Messages to them",
        "admin:coaching_coachmessage_changelist",
        "coaching.view_coachmessage",
        parameter="user__id__exact",
        field="pk",
    )
)
