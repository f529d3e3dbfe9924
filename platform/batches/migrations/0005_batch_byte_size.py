"""A batch's bytes, for the limit on what one user may have waiting; batches from before count as empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("batches", "0004_lifecycle")]

    operations = [migrations.AddField("batch", "byte_size", models.PositiveBigIntegerField(default=0))]
