"""A Kubernetes API server that knows some users and rules, with the API's own shapes."""

from __future__ import annotations

from typing import Any


class Cluster:
    """An API server that knows some tokens and rules.

    `rules` are (user, verb, namespace, resource); an empty namespace is all of them.
    """

    def __init__(self) -> None:
        self.users: dict[str, dict[str, Any]] = {
            "token-ann": {"username": "ann@example.com", "uid": "1", "groups": ["system:authenticated"]},
            "token-bot": {
                "username": "system:serviceaccount:team-a:bot",
                "uid": "2",
                "groups": ["system:serviceaccounts", "system:authenticated"],
                "extra": {"authentication.kubernetes.io/pod-name": ["bot-1"]},
            },
        }
        self.rules: set[tuple[str, str, str, str]] = set()
        self.status = 201
        self.ignores_audiences = False
        self.reviews: list[dict[str, Any]] = []
        self.credentials: set[str] = set()

    def allow(self, user: str, *verbs: str, namespace: str, resource: str = "runs") -> None:
        """Adds rules."""
        self.rules |= {(user, verb, namespace, resource) for verb in verbs}

    def answer(self, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Any]:
        """The review that was asked for, filled in as the API server does."""
        self.credentials.add(headers.get("authorization", ""))
        self.reviews.append(body)
        if self.status != 201:
            return self.status, {"kind": "Status", "status": "Failure"}
        spec = body["spec"]
        if path == "/apis/authentication.k8s.io/v1/tokenreviews":
            assert (body["kind"], body["apiVersion"]) == ("TokenReview", "authentication.k8s.io/v1")
            user = self.users.get(spec["token"])
            if user is None:
                return 201, body | {"status": {"user": {}, "error": "[invalid bearer token]"}}
            told = {} if self.ignores_audiences else {"audiences": spec.get("audiences", [])}
            return 201, body | {"status": {"authenticated": True, "user": user, **told}}
        assert path == "/apis/authorization.k8s.io/v1/subjectaccessreviews"
        assert (body["kind"], body["apiVersion"]) == ("SubjectAccessReview", "authorization.k8s.io/v1")
        asked = spec["resourceAttributes"]
        assert asked["group"] == "pipelines.kubeflow.org"
        wanted = (spec["user"], asked["verb"], asked["namespace"], asked["resource"])
        everywhere = (spec["user"], asked["verb"], "", asked["resource"])
        allowed = bool({wanted, everywhere} & self.rules)
        return 201, body | {"status": {"allowed": allowed, **({} if allowed else {"reason": "no rule"})}}
