"""Every exported table is restored, by the rows that are built of its records."""

from presslens.app.services.exports.snapshot.rows import RowBuilder
from presslens.app.services.exports.tables.registry import TABLES
from presslens.models.recipe import Recipe


def test_each_exported_table_has_a_builder_of_rows():
    builder = RowBuilder(Recipe.load())
    assert list(builder.builders) == [spec.name for spec in TABLES]
