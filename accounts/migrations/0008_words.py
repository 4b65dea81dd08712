"""Words by which people and operators see some columns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_account_page"),
    ]

    operations = [
        migrations.AlterField(
            model_name="abusesignal",
            name="at",
            field=models.DateTimeField(db_index=True, verbose_name="noticed"),
        ),
        migrations.AlterField(
            model_name="abusesignal",
            name="evidence",
            field=models.CharField(max_length=80, null=True, verbose_name="seen at"),
        ),
        migrations.AlterField(
            model_name="abusesignal",
            name="kind",
            field=models.CharField(
                choices=[
                    ("duplicate_account", "several accounts that look like one person's"),
                    ("disposable_mail", "a throw-away e-mail address"),
                    ("prompt_injection", "a message built to override a model's instructions"),
                    ("scripted_use", "a program that uses the pages in a person's place"),
                    ("payment_fraud", "a payment that is not what it seems"),
                    ("session_theft", "a stolen sign-in"),
                ],
                max_length=20,
                verbose_name="kind",
            ),
        ),
        migrations.AlterField(
            model_name="abusesignal",
            name="weight",
            field=models.PositiveSmallIntegerField(verbose_name="weight"),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="at",
            field=models.DateTimeField(verbose_name="accepted"),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="document",
            field=models.CharField(
                choices=[("terms", "Terms"), ("policy", "privacy policy"), ("age", "least age in years")],
                max_length=16,
                verbose_name="document",
            ),
        ),
        migrations.AlterField(
            model_name="acceptance",
            name="version",
            field=models.CharField(max_length=32, verbose_name="version"),
        ),
        migrations.AlterField(
            model_name="factorreset",
            name="cancelled_at",
            field=models.DateTimeField(null=True, verbose_name="cancelled"),
        ),
        migrations.AlterField(
            model_name="factorreset",
            name="done_at",
            field=models.DateTimeField(null=True, verbose_name="carried out"),
        ),
        migrations.AlterField(
            model_name="factorreset",
            name="due_at",
            field=models.DateTimeField(db_index=True, verbose_name="due"),
        ),
        migrations.AlterField(
            model_name="factorreset",
            name="end",
            field=models.CharField(
                blank=True,
                choices=[
                    ("done", "carried out"),
                    ("cancelled", "cancelled by the person"),
                    ("found", "the second factor was used or changed"),
                    ("changed", "password or address changed meanwhile"),
                    ("expired", "the link was not used in time"),
                ],
                max_length=10,
                verbose_name="how it ended",
            ),
        ),
        migrations.AlterField(
            model_name="factorreset",
            name="link_until",
            field=models.DateTimeField(null=True, verbose_name="link works until"),
        ),
        migrations.AlterField(
            model_name="factorreset",
            name="requested_at",
            field=models.DateTimeField(verbose_name="asked for"),
        ),
        migrations.AlterField(
            model_name="sanction",
            name="passed_until",
            field=models.DateTimeField(null=True, verbose_name="passed until"),
        ),
        migrations.AlterField(
            model_name="signupsignal",
            name="created_at",
            field=models.DateTimeField(db_index=True, verbose_name="signed up"),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="began_at",
            field=models.DateTimeField(verbose_name="signed in"),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="browser",
            field=models.CharField(blank=True, max_length=20, verbose_name="browser"),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="end",
            field=models.CharField(
                blank=True,
                choices=[
                    ("signed_out", "signed out"),
                    ("revoked", "signed out from another device"),
                    ("reused", "a used token came again"),
                    ("expired", "too long without use"),
                    ("credentials", "password, address or second factor changed"),
                    ("closed", "account closed"),
                    ("staff", "ended by an operator"),
                ],
                max_length=12,
                verbose_name="why it ended",
            ),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="ended_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ended"),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="expires_at",
            field=models.DateTimeField(db_index=True, verbose_name="ends at the latest"),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="is_lasting",
            field=models.BooleanField(default=True, verbose_name="stays signed in"),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="kind",
            field=models.CharField(
                choices=[("web", "browser"), ("cli", "command line")], max_length=8, verbose_name="used by"
            ),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="seen_at",
            field=models.DateTimeField(verbose_name="last used"),
        ),
        migrations.AlterField(
            model_name="tokenfamily",
            name="system",
            field=models.CharField(blank=True, max_length=20, verbose_name="system"),
        ),
    ]
