"""Charts and rulers, drawn as pictures.

A result of ``app.services.statistics`` becomes a ``Chart`` (``statistic``, ``comparison``,
``changes``): plain data in the reader's language. A process of its own (``drawing``), which alone
loads Altair and the renderer, makes a Vega-Lite specification of it or a picture.
"""
