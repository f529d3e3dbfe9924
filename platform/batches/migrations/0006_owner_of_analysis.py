import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import batches.models


def copy_owners(apps, schema_editor):
    Analysis, Batch = apps.get_model("batches", "Analysis"), apps.get_model("batches", "Batch")
    owners = Batch.objects.filter(id=models.OuterRef("batch_id")).values("owner_id")[:1]
    Analysis.objects.update(owner_id=models.Subquery(owners))
    if schema_editor.connection.vendor == "postgresql":
        # A table with checks put off to the transaction's end cannot be altered.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def owner(**options):
    return batches.models.OwnerOfBatch(
        db_index=False,
        editable=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("batches", "0005_batch_byte_size"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("analysis", "owner", owner(null=True)),
        migrations.RunPython(copy_owners, migrations.RunPython.noop),
        migrations.AlterField("analysis", "owner", owner()),
        migrations.AlterField(
            "analysis",
            "batch",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="analyses",
                to="batches.batch",
            ),
        ),
        migrations.AddIndex(
            "analysis", models.Index(fields=["owner", "ordinal", "id"], name="analysis_of_owner")
        ),
        migrations.AddIndex(
            "analysis", models.Index(fields=["owner", "fake_probability", "id"], name="analysis_of_owner_by_score")
        ),
    ]
