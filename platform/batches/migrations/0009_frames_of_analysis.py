from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0008_strength")]

    operations = [migrations.AddField("analysis", "frames", models.JSONField(blank=True, null=True))]
