"""Says in the database itself what the libraries' tables are for; ours say it in their models."""

from django.db import migrations

COMMENTS = {
    "account_emailaddress": "django-allauth: e-mail addresses of users, and whether they are verified",
    "account_emailconfirmation": "django-allauth: pending confirmations kept in the database (ours are signed links)",
    "auth_group": "Django: roles of staff",
    "auth_group_permissions": "Django: what a role may do",
    "auth_permission": "Django: what can be permitted",
    "django_admin_log": "Django admin: changes made there (money and refusals are in common_auditrecord)",
    "django_content_type": "Django: kinds of models",
    "django_migrations": "Django: applied migrations",
    "django_session": "Django: sessions of browsers; a guest's token is in here",
    "identity_user_groups": "Django: roles of a user",
    "identity_user_user_permissions": "Django: permissions of a single user",
}


def _sql(table: str, comment: str) -> str:
    quoted = comment.replace("'", "''")
    return f"COMMENT ON TABLE {table} IS '{quoted}';"


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("identity", "0001_initial"),
        ("sessions", "0001_initial"),
    ]
    operations = [
        migrations.RunSQL(_sql(table, comment), f"COMMENT ON TABLE {table} IS NULL;")
        for table, comment in COMMENTS.items()
    ]
