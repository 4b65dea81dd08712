"""Install the triggers that refuse to change or prematurely delete an audit event."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from caicaini import append_only

TABLES = ("caicaini_auditevent",)


def forwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.install(schema_editor.connection, TABLES)


def backwards(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    append_only.remove(schema_editor.connection, TABLES)


class Migration(migrations.Migration):
    atomic = False  # MariaDB commits at each trigger
    dependencies = [("caicaini", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
