"""The REST door: the only importer of the web framework and the HTTP server."""
