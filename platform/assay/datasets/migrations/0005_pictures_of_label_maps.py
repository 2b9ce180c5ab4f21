from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("datasets", "0004_case_given_as"),
    ]

    operations = [
        migrations.AlterField(
            model_name="picture",
            name="kind",
            field=models.CharField(
                choices=[("input", "Input"), ("reference", "Reference"), ("image", "Image"), ("error", "Error")],
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="picture",
            name="label",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="picture",
            name="slice_step",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="picture",
            name="sides",
            field=models.CharField(blank=True, default="", max_length=4),
        ),
        migrations.AddField(
            model_name="picture",
            name="topology",
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AlterModelOptions(
            name="picture",
            options={"ordering": ("case", "method", "kind", "label")},
        ),
        migrations.RemoveConstraint(
            model_name="picture",
            name="picture_once",
        ),
        migrations.AddConstraint(
            model_name="picture",
            constraint=models.UniqueConstraint(fields=("case", "kind", "method", "label"), name="picture_once"),
        ),
    ]
