"""What answers look like, for the API's document."""

from typing import Any

_DAY: dict[str, Any] = {
    "date": "2026-11-03",
    "version": "v1",
    "overall_score": 63.4,
    "cognitive_score": 58.1,
    "behavioral_score": 66.0,
    "relational_score": None,
    "biometric_score": 64.9,
    "coverage": 0.83,
    "direction": "rising",
    "average_7": 61.8,
    "average_42": 57.2,
    "evidence_days": 41,
    "is_provisional": True,
    "finalized_at": None,
    "revised_at": None,
    "revision_reason": "",
}
PILLARS: dict[str, Any] = _DAY
TODAY: dict[str, Any] = {
    "today": "2026-11-03",
    "day": "2026-11-03",
    "version": "v1",
    "overall": 63.4,
    "pillars": [
        {
            "name": "behavioral",
            "title": "Action",
            "score": 66.0,
            "evidence_on": "2026-11-03",
            "words": "From today.",
        }
    ],
    "coverage": 0.83,
    "coverage_words": "Most of it is fresh.",
    "direction": "rising",
    "state": "Rising",
    "state_words": "The last week is above your usual.",
    "is_provisional": True,
    "day_words": "Today is still running.",
    "baseline": 57.2,
    "days_until_baseline": 0,
    "baseline_words": "Your usual is 57.",
    "movers": [{"title": "Action steps", "points": 1.2, "words": "2 of 3 done"}],
    "gap": None,
    "gap_words": "",
    "to_do": "",
}
_KIND: dict[str, Any] = {
    "kind": "action_step",
    "title": "Action steps",
    "value": 0.67,
    "words": "2 of 3 done",
    "events": 2,
    "weight": 1.0,
    "share": 1.0,
    "pillar_points": 1.9,
    "points": 1.2,
    "evidence": [
        {"at": "2026-11-03T06:40:00Z", "words": "Done", "score": 1.0, "source": "web"},
    ],
}
EXPLANATION: dict[str, Any] = {
    "day": "2026-11-03",
    "version": "v1",
    "before": 62.2,
    "after": 63.4,
    "change": 1.2,
    "pillars": [
        {
            "name": "behavioral",
            "title": "Action",
            "happened": "moved",
            "before": 64.1,
            "after": 66.0,
            "weight": 0.4,
            "points": 1.2,
            "remainder": 0.0,
            "words": "Up by 1.9.",
            "kinds": [_KIND],
        }
    ],
    "is_provisional": True,
    "finalized_at": None,
    "revised_at": None,
    "revision_reason": "",
    "status_words": "Provisional: it may still change.",
    "words": "Up 1.2 since yesterday.",
}
VERSIONS: dict[str, Any] = {
    "name": "v1",
    "status": "published",
    "is_active": True,
    "notes": "",
    "parameters": {"pillars": {"behavioral": {"weight": 0.4, "half_life_days": 13}}},
    "created_at": "2026-01-01T00:00:00Z",
    "published_at": "2026-01-01T00:00:00Z",
}
DIFFERENCE: dict[str, Any] = {
    "day": "2026-11-03",
    "first": EXPLANATION,
    "second": EXPLANATION | {"version": "v2", "after": 64.0},
    "change": 0.6,
    "signals": [
        {"kind": "action_step", "title": "Action steps", "first": _KIND, "second": _KIND},
    ],
    "because": ["Action weighs 0.45 instead of 0.4."],
}
INSIGHTS: dict[str, Any] = {
    "found": [
        {
            "key": "sleep",
            "title": "A night of 7 hours",
            "words": "Days after a night of 7 hours or more are better days.",
            "lag": 1,
            "days_with": 21,
            "days_without": 14,
            "with_mean": 71.0,
            "without_mean": 58.0,
            "difference": 13.0,
            "low": 5.1,
            "high": 20.6,
            "q_value": 0.02,
        }
    ],
    "days_needed": 0,
    "words": "",
}
CHART: dict[str, Any] = {
    "series": "overall",
    "title": "Your momentum",
    "first": "2026-11-02",
    "last": "2026-11-03",
    "lines": [
        {
            "name": "Momentum",
            "low": 0.0,
            "high": 100.0,
            "unit": "",
            "points": [
                {"day": "2026-11-02", "value": None, "label": "no score"},
                {"day": "2026-11-03", "value": 63.4, "label": "63"},
            ],
        }
    ],
}
