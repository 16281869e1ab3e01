"""Static files with their content's hash in the name, in modules that import each other, too."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedModules(CompressedManifestStaticFilesStorage):
    """Rewrites the imports of our own JavaScript modules, so that a page never mixes two versions of them.

    Django can do so for every script, but other people's scripts hold strings that only look like imports.
    """

    _imports = CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]
    patterns = (*CompressedManifestStaticFilesStorage.patterns, ("js/*.js", _imports))
