"""AWS services on loopback: moto, and what EKS authentication needs beyond it.

moto answers nearly every AWS API that the auditor calls. Eight things it does not have are added here:

1. Presigned GetCallerIdentity, which is what an EKS token is. moto reads no credentials from a
   query string and checks no signature. Here the signature is recomputed with botocore, AWS's own
   implementation, over the headers that arrive and with the secret that moto issued. So a token
   for another cluster (other x-k8s-aws-id), of unknown credentials, altered or out of date is
   refused by STS as on AWS.
   https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
2. A cluster that exists: moto's EKS clusters have an invented endpoint and a certificate authority
   that is not PEM. `PUT /e2e/eks-clusters` creates one with what the request says.
3. Functions that run: moto would start containers. Invocations go to a program of the tests instead, so
   that state machines, which moto does execute, call the real handlers.
4. A signature over a digest, see sign_digest.
5. A log of what the auditor asks for, see calls.py.
6. CloudFormation that does what it says, see stacks.py.
7. Accounts of an organization whose ids the tests know: `PUT /e2e/organization-accounts`. moto invents ids.
8. Roles that do not exist: `PUT /e2e/missing-roles`. STS refuses them as it refuses those that do not trust the caller.

What moto does not have is answered with 501, and is in the log of calls like all others.

Not proven by it: signatures of all other requests (moto accepts any), IAM policies, and role trust
policies (moto lets anyone assume any role).
"""

import argparse
import base64
import datetime
import hmac
import io
import json
import os
import urllib.error
import urllib.request
from urllib.parse import parse_qs, quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from moto.eks.models import eks_backends
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.organizations.models import organizations_backends
from moto.sts.models import sts_backends
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from calls import CallLog

# STS takes a presigned GetCallerIdentity for 15 minutes, whatever X-Amz-Expires says; see
# presignedURLExpiration in pkg/token/token.go of aws-iam-authenticator.
PRESIGNED_LIFETIME = datetime.timedelta(minutes=15)
CLOCK_SKEW = datetime.timedelta(minutes=5)


class Refused(Exception):
    """STS's error answer: a status and a code from its API reference."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def issued_credentials(access_key_id):
    """The secret and session token that moto issued for an access key, and who it stands for."""
    for account_id, partitions in list(sts_backends.items()):
        for backend in list(partitions.values()):
            role = backend.get_assumed_role_from_access_key(access_key_id)
            if role:
                secret = Credentials(access_key_id, role.secret_access_key, role.session_token)
                return secret, {"UserId": role.user_id, "Account": account_id, "Arn": role.arn}
    for account_id, partitions in list(iam_backends.items()):
        for backend in list(partitions.values()):
            key = backend.access_keys.get(access_key_id)
            if key:
                user = backend.get_user_from_access_key_id(access_key_id)
                secret = Credentials(access_key_id, key.secret_access_key)
                return secret, {"UserId": user.id, "Account": account_id, "Arn": user.arn}
    raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid")


def presigned_caller_identity(request, now):
    """Verifies a presigned GetCallerIdentity and returns who signed it."""
    query = {key: values[0] for key, values in parse_qs(request.query_string.decode(), keep_blank_values=True).items()}
    access_key_id, date, region, service, _ = query["X-Amz-Credential"].split("/")
    if service != "sts" or query.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        raise Refused(400, "IncompleteSignature", "The credential scope or algorithm is not that of STS")
    credentials, identity = issued_credentials(access_key_id)
    if credentials.token != query.get("X-Amz-Security-Token"):
        raise Refused(403, "InvalidClientTokenId", "The security token included in the request is invalid")

    signed_at = datetime.datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    if now - signed_at > PRESIGNED_LIFETIME or signed_at - now > CLOCK_SKEW:
        raise Refused(403, "SignatureDoesNotMatch", "Signature expired or not yet current")
    if date != query["X-Amz-Date"][:8]:
        raise Refused(403, "SignatureDoesNotMatch", "The date of the credential scope is not that of the request")

    expected = presigned_signature(request, query, SigV4Auth(credentials, service, region))
    if not hmac.compare_digest(expected, query.get("X-Amz-Signature", "")):
        raise Refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided")
    return identity


def presigned_signature(request, query, auth):
    """The signature that AWS computes for this request, over the headers it says are signed."""
    signed = HTTPHeaders()
    for name in query["X-Amz-SignedHeaders"].split(";"):
        signed[name] = request.headers.get(name, "")
    unsigned_query = {key: value for key, value in query.items() if key != "X-Amz-Signature"}
    canonical_query = "&".join(
        f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}" for key, value in sorted(unsigned_query.items())
    )
    canonical_request = "\n".join(
        [
            request.method,
            "/",
            canonical_query,
            auth.canonical_headers(signed) + "\n",
            auth.signed_headers(signed),
            auth.payload(AWSRequest(method=request.method, url="https://sts/")),
        ]
    )
    to_sign = AWSRequest(method=request.method, url="https://sts/")
    to_sign.context["timestamp"] = query["X-Amz-Date"]
    return auth.signature(auth.string_to_sign(to_sign, canonical_request), to_sign)


def answer_caller_identity(request):
    """STS answers in JSON when asked to, which is what aws-iam-authenticator does."""
    try:
        identity = presigned_caller_identity(request, datetime.datetime.now(datetime.timezone.utc))
    except Refused as refused:
        body = {"Error": {"Code": refused.code, "Message": refused.message, "Type": "Sender"}}
        return Response(json.dumps(body), refused.status, content_type="application/json")
    except (KeyError, ValueError) as malformed:
        body = {"Error": {"Code": "MissingParameter", "Message": str(malformed), "Type": "Sender"}}
        return Response(json.dumps(body), 400, content_type="application/json")
    body = {"GetCallerIdentityResponse": {"GetCallerIdentityResult": identity, "ResponseMetadata": {"RequestId": "e2e"}}}
    return Response(json.dumps(body), content_type="application/json")


def put_eks_cluster(request):
    """Creates an EKS cluster whose endpoint and certificate authority are the ones given."""
    wanted = request.get_json()
    cluster = eks_backends[wanted["accountId"]][wanted["region"]].create_cluster(
        name=wanted["name"],
        role_arn=f"arn:aws:iam::{wanted['accountId']}:role/eks-cluster",
        resources_vpc_config=wanted.get("resourcesVpcConfig", {"subnetIds": [], "securityGroupIds": []}),
        version=wanted.get("version"),
        tags=wanted.get("tags"),
    )
    cluster.endpoint = wanted["endpoint"]
    cluster.certificate_authority = {"data": wanted["certificateAuthorityData"]}
    cluster.access_config = {"authenticationMode": wanted.get("authenticationMode", "API")}
    # What EKS finds out by itself from the subnets.
    if "vpcId" in wanted.get("resourcesVpcConfig", {}):
        cluster.resources_vpc_config["vpcId"] = wanted["resourcesVpcConfig"]["vpcId"]
    cluster.status = wanted.get("status", "ACTIVE")
    return Response(json.dumps({"arn": cluster.arn}), 201, content_type="application/json")


def put_organization_account(request):
    """Adds an account with this id to a unit of the organization of `managementId`."""
    wanted = request.get_json()
    backend = organizations_backends[wanted["managementId"]]["aws"]
    backend.create_account(AccountName=wanted["id"], Email=f"{wanted['id']}@example.com")
    account = backend.accounts[-1]
    account.id = wanted["id"]
    account.parent_id = wanted["unit"]
    account.status = account.state = wanted.get("state", "ACTIVE")
    return Response("{}", 201, content_type="application/json")


def refuse_role(request):
    """STS does not say whether a role is missing or does not trust the caller."""
    message = f"User: unknown is not authorized to perform: sts:AssumeRole on resource: {parse_qs(request.get_data().decode())['RoleArn'][0]}"
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>AccessDenied</Code><Message>{message}</Message></Error><RequestId>e2e</RequestId></ErrorResponse>"
    )
    return Response(body, 403, content_type="text/xml")


def sign_digest(wanted):
    """KMS's Sign of a SHA-256 digest with a key on the curve P-256."""
    _, _, _, region, account_id, name = wanted["KeyId"].split(":", 5)
    key = kms_backends[account_id][region].keys.get(name.removeprefix("key/"))
    if key is None or key.key_spec != "ECC_NIST_P256":
        code = "NotFoundException" if key is None else "InvalidKeyUsageException"
        body = {"__type": code, "message": f"{wanted['KeyId']} cannot sign"}
        return Response(json.dumps(body), 400, content_type="application/x-amz-json-1.1")
    if not key.enabled:
        body = {"__type": "DisabledException", "message": f"{wanted['KeyId']} is disabled."}
        return Response(json.dumps(body), 400, content_type="application/x-amz-json-1.1")
    algorithm = ec.ECDSA(utils.Prehashed(hashes.SHA256()))
    signature = key.private_key.private_key.sign(base64.b64decode(wanted["Message"]), algorithm)
    body = {
        "KeyId": wanted["KeyId"],
        "Signature": base64.b64encode(signature).decode(),
        "SigningAlgorithm": "ECDSA_SHA_256",
    }
    return Response(json.dumps(body), content_type="application/x-amz-json-1.1")


def forward_invocation(functions, request):
    """Lambda's Invoke, answered by the tests: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
    forwarded = urllib.request.Request(functions + request.path, data=request.get_data(), method="POST")
    try:
        answer = urllib.request.urlopen(forwarded, timeout=900)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        kept = {name: value for name, value in answer.headers.items() if name.lower().startswith("x-amz")}
        return Response(answer.read(), answer.status, headers=kept, content_type="application/json")


def answer_inventory(request):
    """What exists, see inventory.py."""
    from inventory import inventory

    body = inventory(request.args["account"], request.args["region"])
    return Response(json.dumps(body, default=str), content_type="application/json")


class Application:
    """moto's dispatcher, with the additions in front."""

    def __init__(self, functions, calls):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.functions = functions
        self.calls = calls
        self.missing_roles = frozenset()

    def __call__(self, environ, start_response):
        request = Request(environ)
        if self.calls and self.calls.is_kept(request):
            if "s3/aws4_request" not in request.headers["Authorization"]:
                # It is read for the log: those behind read it again.
                environ["wsgi.input"] = io.BytesIO(request.get_data())
            start_response = self.recorded(request, start_response)
        if request.path == "/e2e/eks-clusters" and request.method == "PUT":
            return put_eks_cluster(request)(environ, start_response)
        if request.path == "/e2e/organization-accounts" and request.method == "PUT":
            return put_organization_account(request)(environ, start_response)
        if request.path == "/e2e/missing-roles" and request.method == "PUT":
            self.missing_roles = frozenset(request.get_json()["arns"])
            return Response("{}", content_type="application/json")(environ, start_response)
        if self.missing_roles and self.is_missing(request, environ):
            return refuse_role(request)(environ, start_response)
        if request.path == "/e2e/inventory":
            return answer_inventory(request)(environ, start_response)
        if request.args.get("Action") == "GetCallerIdentity" and "X-Amz-Credential" in request.args:
            return answer_caller_identity(request)(environ, start_response)
        if request.headers.get("X-Amz-Target") == "TrentService.Sign":
            wanted = json.loads(request.get_data())
            if wanted.get("MessageType") == "DIGEST":
                return sign_digest(wanted)(environ, start_response)
        if self.functions and request.path.startswith("/2015-03-31/functions/"):
            return forward_invocation(self.functions, request)(environ, start_response)
        try:
            return self.moto(environ, start_response)
        except NotImplementedError as missing:
            body = {"__type": "NotImplemented", "message": str(missing)}
            return Response(json.dumps(body), 501, content_type="application/json")(environ, start_response)

    def is_missing(self, request, environ):
        """Whether it asks for a role that the tests say does not exist."""
        if "/sts/aws4_request" not in request.headers.get("Authorization", ""):
            return False
        # It is read here: those behind read it again.
        environ["wsgi.input"] = io.BytesIO(request.get_data())
        form = parse_qs(request.get_data().decode())
        return form.get("Action") == ["AssumeRole"] and form.get("RoleArn", [""])[0] in self.missing_roles

    def recorded(self, request, start_response):
        """Writes the request down with the status of its answer."""

        def start(status, *rest):
            self.calls.write(request, int(status.split()[0]))
            return start_response(status, *rest)

        return start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--functions", help="where functions are invoked")
    parser.add_argument("--calls", help="file that gets every request of the auditor")
    parser.add_argument("--stacks", action="store_true", help="with CloudFormation, which takes seconds to load")
    arguments = parser.parse_args()
    # Where state machines and stacks find the services.
    os.environ["MOTO_PORT"] = str(arguments.port)
    if arguments.stacks:
        import stacks

        stacks.install()
    make_server(
        "127.0.0.1",
        arguments.port,
        Application(arguments.functions, CallLog(arguments.calls) if arguments.calls else None),
        threaded=True,
        request_handler=MotoRequestHandler,
    ).serve_forever()


if __name__ == "__main__":
    main()
