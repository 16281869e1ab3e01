"""Who is at risk and whom things go well for is told by momentum now: stored names of segments follow."""

from django.db import migrations

RENAMED = {
    "coaching.at_risk": "momentum.at_risk",
    "habits.high_performers": "momentum.high_performers",
}


def rename(apps, names):
    experiments = apps.get_model("coaching", "Experiment").objects
    for old, new in names.items():
        experiments.filter(segment=old).update(segment=new)


def forward(apps, schema_editor):
    rename(apps, RENAMED)


def backward(apps, schema_editor):
    rename(apps, {new: old for old, new in RENAMED.items()})


class Migration(migrations.Migration):

    dependencies = [
        ("coaching", "0017_ledger_by_month"),
    ]

    operations = [migrations.RunPython(forward, backward)]
