"""Pictures of pages, photos and faces in the sizes that people look at; the IIIF Image API."""
