"""The shapes in which momentum is told over REST."""

from typing import Any, ClassVar

from rest_framework import serializers

from momentum.explaining import Happened
from momentum.models import Direction, MomentumPillar, PillarName, ScoringVersion
from momentum.standing import Gap

POINTS = "Points of the overall score (0-100)"


class MomentumPillarsSerializer(serializers.ModelSerializer[MomentumPillar]):
    """One day's scores, 0-100; `null`: no fresh evidence."""

    is_provisional = serializers.SerializerMethodField(
        help_text="May still change without a reason given"
    )

    class Meta:
        model = MomentumPillar
        fields: ClassVar = [
            *("date", "version", "overall_score", "cognitive_score", "behavioral_score"),
            *("relational_score", "biometric_score", "coverage", "direction", "average_7"),
            *("average_42", "evidence_days", "is_provisional", "finalized_at", "revised_at"),
            "revision_reason",
        ]
        read_only_fields = fields

    def get_is_provisional(self, row: MomentumPillar) -> bool:
        return row.finalized_at is None


class MomentumPillarStandingSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(PillarName.choices)
    title = serializers.CharField()
    score = serializers.FloatField(allow_null=True, help_text="0-100; null without fresh evidence")
    evidence_on = serializers.DateField(allow_null=True, help_text="Day of the last evidence")
    words = serializers.CharField()


class MomentumMoverSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    points = serializers.FloatField(help_text=POINTS)
    words = serializers.CharField()


class MomentumStandingSerializer(serializers.Serializer[Any]):
    today = serializers.DateField(help_text="The person's own day")
    day = serializers.DateField(allow_null=True, help_text="The day of the scores")
    version = serializers.CharField()
    overall = serializers.FloatField(allow_null=True, help_text="0-100")
    pillars = MomentumPillarStandingSerializer(many=True)
    coverage = serializers.FloatField(help_text="0-1: how fresh the evidence is")
    coverage_words = serializers.CharField()
    direction = serializers.ChoiceField(Direction.choices)
    state = serializers.CharField()
    state_words = serializers.CharField()
    is_provisional = serializers.BooleanField()
    day_words = serializers.CharField()
    baseline = serializers.FloatField(allow_null=True)
    days_until_baseline = serializers.IntegerField()
    baseline_words = serializers.CharField()
    movers = MomentumMoverSerializer(many=True)
    gap = serializers.ChoiceField(
        [gap.value for gap in Gap], allow_null=True, help_text="Why there is no score"
    )
    gap_words = serializers.CharField()
    to_do = serializers.CharField()


class MomentumEvidenceSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    words = serializers.CharField()
    score = serializers.FloatField(help_text="0-1")
    source = serializers.CharField()  # type: ignore[assignment]


class MomentumKindSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    title = serializers.CharField()
    value = serializers.FloatField(help_text="0-1")
    words = serializers.CharField()
    events = serializers.IntegerField()
    weight = serializers.FloatField()
    share = serializers.FloatField(help_text="Its part of the pillar's evidence, 0-1")
    pillar_points = serializers.FloatField(help_text="Points of the pillar")
    points = serializers.FloatField(help_text=POINTS)
    evidence = MomentumEvidenceSerializer(many=True)


class MomentumPillarPartSerializer(serializers.Serializer[Any]):
    name = serializers.ChoiceField(PillarName.choices)
    title = serializers.CharField()
    happened = serializers.ChoiceField([each.value for each in Happened])
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)
    weight = serializers.FloatField()
    points = serializers.FloatField(help_text=POINTS)
    remainder = serializers.FloatField(help_text="Points the events do not explain")
    words = serializers.CharField()
    kinds = MomentumKindSerializer(many=True)


class MomentumExplanationSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    version = serializers.CharField()
    before = serializers.FloatField(allow_null=True, help_text="The score of the day before")
    after = serializers.FloatField(allow_null=True, help_text="The score of the day")
    change = serializers.FloatField(
        allow_null=True, help_text="The sum of the points of all pillars"
    )
    pillars = MomentumPillarPartSerializer(many=True)
    is_provisional = serializers.BooleanField()
    finalized_at = serializers.DateTimeField(allow_null=True)
    revised_at = serializers.DateTimeField(allow_null=True)
    revision_reason = serializers.CharField()
    status_words = serializers.CharField()
    words = serializers.CharField()


class MomentumVersionSerializer(serializers.ModelSerializer[ScoringVersion]):
    """A way of scoring, with all its weights."""

    class Meta:
        model = ScoringVersion
        fields: ClassVar = [
            *("name", "status", "is_active", "notes", "parameters", "created_at", "published_at"),
        ]
        read_only_fields = fields


class MomentumSignalBesideSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    title = serializers.CharField()
    first = MomentumKindSerializer(allow_null=True)
    second = MomentumKindSerializer(allow_null=True)


class MomentumDifferenceSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    first = MomentumExplanationSerializer(allow_null=True)
    second = MomentumExplanationSerializer(allow_null=True)
    change = serializers.FloatField(allow_null=True, help_text="Second minus first")
    signals = MomentumSignalBesideSerializer(many=True)
    because = serializers.ListField(child=serializers.CharField())


class MomentumInsightSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    words = serializers.CharField()
    lag = serializers.IntegerField(help_text="Days from the one to the other, 0-2")
    days_with = serializers.IntegerField()
    days_without = serializers.IntegerField()
    with_mean = serializers.FloatField()
    without_mean = serializers.FloatField()
    difference = serializers.FloatField()
    low = serializers.FloatField(help_text="Lower bound of the difference, 95 %")
    high = serializers.FloatField(help_text="Upper bound of the difference, 95 %")
    q_value = serializers.FloatField(help_text="Odds of a false find among those as sure")


class MomentumInsightsSerializer(serializers.Serializer[Any]):
    found = MomentumInsightSerializer(many=True)
    days_needed = serializers.IntegerField()
    words = serializers.CharField()


class MomentumPointSerializer(serializers.Serializer[Any]):
    day = serializers.DateField()
    value = serializers.FloatField(allow_null=True)
    label = serializers.CharField(help_text="In words")  # type: ignore[assignment]


class MomentumLineSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    unit = serializers.CharField()
    points = MomentumPointSerializer(many=True)


class MomentumChartSerializer(serializers.Serializer[Any]):
    series = serializers.CharField()
    title = serializers.CharField()
    first = serializers.DateField()
    last = serializers.DateField()
    lines = MomentumLineSerializer(many=True)
