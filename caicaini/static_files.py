"""Static files with hashed names, import paths of our own ES modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModulesStorage(CompressedManifestStaticFilesStorage):
    """Rewrites `import "./x.js";` below `caicaini/` only: Django's own switch fails on JSDoc imports in django-htmx."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("caicaini/*.js", CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),
    )
