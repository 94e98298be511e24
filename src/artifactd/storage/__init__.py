"""The border to SQL: model to rows and back. The only importer of SQL libraries and drivers."""
