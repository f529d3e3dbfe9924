from django.db import migrations, models


def find_leans(apps, schema_editor):
    """Inconclusive results of before have no measured strength: they lean to their score's side of one half."""
    inconclusive = apps.get_model("batches", "Analysis").objects.filter(verdict="inconclusive")
    inconclusive.filter(fake_probability__gte=0.5).update(lean="synthetic")
    inconclusive.filter(fake_probability__lt=0.5).update(lean="camera")


class Migration(migrations.Migration):
    dependencies = [("batches", "0007_fewer_index_entries")]

    operations = [
        migrations.AddField(
            "analysis",
            "strength",
            models.CharField(
                blank=True,
                choices=[
                    ("strong_synthetic", "strong support for synthetic"),
                    ("moderate_synthetic", "moderate support for synthetic"),
                    ("weak_synthetic", "weak support for synthetic"),
                    ("inconclusive", "inconclusive"),
                    ("weak_camera", "weak support for camera"),
                    ("moderate_camera", "moderate support for camera"),
                    ("strong_camera", "strong support for camera"),
                ],
                default="",
                max_length=20,
            ),
            preserve_default=False,
        ),
        migrations.AddField("analysis", "likelihood_ratio", models.JSONField(blank=True, null=True)),
        migrations.AddField(
            "analysis",
            "lean",
            models.CharField(
                blank=True,
                choices=[("synthetic", "Synthetic"), ("camera", "Camera")],
                default="",
                max_length=12,
            ),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "analysis",
            models.CheckConstraint(
                condition=models.Q(("likelihood_ratio__isnull", True), ("strength", ""))
                | (~models.Q(("strength", "")) & models.Q(("verdict__in", ("fake", "real", "inconclusive")))),
                name="analysis_strength_when_assessed",
            ),
        ),
        migrations.AddConstraint(
            "analysis",
            models.CheckConstraint(
                condition=models.Q(("lean", "")) | models.Q(("verdict", "inconclusive")),
                name="analysis_lean_when_inconclusive",
            ),
        ),
        migrations.RunPython(find_leans, migrations.RunPython.noop),
    ]
