import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0005_pictures_of_label_maps"),
    ]

    operations = [
        migrations.CreateModel(
            name="Volume",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("input", "Input"),
                            ("reference", "Reference"),
                            ("image", "Image"),
                            ("error", "Error"),
                        ],
                        max_length=10,
                    ),
                ),
                ("method", models.CharField(blank=True, max_length=80)),
                ("step", models.PositiveIntegerField(default=1)),
                ("sha256", models.CharField(db_index=True, max_length=64)),
                ("size", models.PositiveIntegerField()),
                ("stored_at", models.DateTimeField()),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="volumes", to="datasets.case"
                    ),
                ),
            ],
            options={
                "ordering": ("case", "method", "kind"),
                "constraints": [models.UniqueConstraint(fields=("case", "kind", "method"), name="volume_once")],
            },
        ),
    ]
