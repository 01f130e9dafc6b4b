"""Opens the store that the settings name."""

from __future__ import annotations

from presslens.app.platform.settings import Settings
from presslens.app.storage.bucket import BucketStorage
from presslens.app.storage.folder import FolderStorage
from presslens.app.storage.storage import Storage
from presslens.pipelines.scans.bucket import Bucket


def open_storage(settings: Settings) -> Storage:
    """Return the store of an installation; nothing is opened or made yet."""
    folder = settings.data_dir.absolute()
    if not settings.store_url:
        return FolderStorage(folder, settings.min_free_bytes)
    return BucketStorage(
        folder,
        settings.min_free_bytes,
        bucket=Bucket(settings.store_url, settings.s3_endpoint),
        cache_bytes=settings.store_cache_bytes,
    )
