"""A benchmark of detection on printed newspapers: pages and photos in ten conditions, with truth.

It shares layouts, lettering and scenes with the sample editions, and nothing with what the models
are trained on: how its pages are printed, scanned and photographed is its own code. Version 1 is
the same to the pixel for everybody who has the library versions of ``published.toml``.
"""
