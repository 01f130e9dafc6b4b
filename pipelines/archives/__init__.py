"""Reads what libraries say of digitised newspapers: METS, ALTO, PAGE-XML, IIIF manifests."""
