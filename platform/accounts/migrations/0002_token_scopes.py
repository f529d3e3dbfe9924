"""Tokens get scopes and an end; those there are keep all that they could do."""

from django.db import migrations, models

ALL = ["predict", "upload", "read", "models"]


def keep_rights(apps, schema_editor):
    apps.get_model("accounts", "ApiToken").objects.update(scopes=ALL)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.AddField("apitoken", "expires_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("apitoken", "scopes", models.JSONField(default=list)),
        migrations.RunPython(keep_rights, migrations.RunPython.noop),
    ]
