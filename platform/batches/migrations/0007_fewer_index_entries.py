from django.db import migrations, models


def drop_index_for_like(apps, schema_editor):
    """PostgreSQL alone has it beside the foreign key's own. Nobody looks for a part of a hash among analyses, and every
    claim and result would write into it."""
    if schema_editor.connection.vendor != "postgresql":
        return
    table = apps.get_model("batches", "Analysis")._meta.db_table
    with schema_editor.connection.cursor() as cursor:
        found = schema_editor.connection.introspection.get_constraints(cursor, table)
    for name, constraint in found.items():
        if constraint["columns"] == ["image_id"] and name.endswith("_like"):
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


class Migration(migrations.Migration):
    dependencies = [("batches", "0006_owner_of_analysis")]

    operations = [
        migrations.RemoveIndex("analysis", "analysis_by_model"),
        migrations.AddIndex(
            "analysis",
            models.Index(
                condition=models.Q(("model_version__gt", "")),
                fields=["model_version", "-created_at", "id"],
                name="analysis_by_model",
            ),
        ),
        migrations.RunPython(drop_index_for_like, migrations.RunPython.noop),
    ]
