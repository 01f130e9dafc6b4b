"""What an encoder has made of photos, taken out of the database."""

from __future__ import annotations

from sqlalchemy import delete, func, select

from presslens.app.db.tables import PhotoEncodingRow
from presslens.app.installation import Installation


def forget_encodings(home: Installation, encoder: str) -> int:
    """Delete all encodings of an encoder, and return how many there were."""
    of = PhotoEncodingRow.encoder == encoder
    with home.database.write() as session:
        count = session.scalar(select(func.count()).where(of)) or 0
        session.execute(delete(PhotoEncodingRow).where(of))
    return count
