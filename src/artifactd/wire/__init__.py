"""The border to JSON: field names, enums, times, numbers and what proto3 JSON is used to; model on the other side."""
