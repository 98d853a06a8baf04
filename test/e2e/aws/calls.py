"""Writes down every request that the auditor makes of AWS, a JSON object a line, for test/e2e/iam."""

import json
import re
import threading

from moto.sts.models import sts_backends

SCOPE = re.compile(r"Credential=(?P<key>[^/]+)/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
# The auditor's clients have it in their User-Agent; those of the tests do not.
MARK = "eks-drift-auditor/"


class CallLog:
    """A file that grows by a line a request."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.Lock()

    def is_kept(self, request):
        return self.scope(request) is not None and MARK in request.headers.get("User-Agent", "")

    def scope(self, request):
        return SCOPE.search(request.headers.get("Authorization", ""))

    def write(self, request, status):
        scope = self.scope(request)
        service = scope["service"]
        entry = {
            "service": service,
            "region": scope["region"],
            "principal": principal(scope["key"]),
            "method": request.method,
            "host": request.host,
            "path": request.path,
            "query": request.args.to_dict(),
            "target": request.headers.get("X-Amz-Target", ""),
            # The objects of S3 are large and say nothing of rights.
            "status": status,
            "body": "" if service == "s3" else request.get_data().decode("utf-8", "replace"),
        }
        with self.lock, open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def principal(access_key_id):
    """The ARN of the session that an access key was issued for."""
    for partitions in list(sts_backends.values()):
        for backend in list(partitions.values()):
            role = backend.get_assumed_role_from_access_key(access_key_id)
            if role:
                return role.arn
    return ""
