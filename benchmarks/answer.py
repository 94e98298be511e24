"""What a server that does nothing answers: as many bytes as a small artifact has."""

from __future__ import annotations

ANSWER = (
    b'{"artifact_id":"01936f00-0000-7000-8000-000000000000","name":"model-1","type":"Model",'
    b'"uri":"s3://models/iris/1/model.joblib","metadata":{"accuracy":0.97,"epochs":3,"framework":"sklearn"},'
    b'"created_at":"2026-01-31T12:30:00.123456Z","updated_at":"2026-01-31T12:30:00.123456Z","namespace":""}'
)
