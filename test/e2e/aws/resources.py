"""How each type of the templates is made, changed and removed: by requests to the services, as CloudFormation does.

botocore checks the parameters, so a property that a service does not have is refused; one that is not passed on here is refused,
too. A type of the templates that is not here fails its stack.
"""

import io
import json
import os
import random
import re
import string
import zipfile
from functools import cache

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


class Place:
    """Where a stack is, and clients of the services there."""

    def __init__(self, account_id, region, stack_name):
        self.account_id, self.region, self.stack_name = account_id, region, stack_name

    def client(self, service):
        return client(service, self.account_id, self.region)

    def name_for(self, logical_id, limit):
        """As CloudFormation makes names: stack, logical id and a suffix, each stack and id shortened to fit."""
        suffix = "".join(random.choices(string.ascii_uppercase + string.digits, k=12))
        half = (limit - len(suffix) - 2) // 2
        return f"{self.stack_name[:half]}-{logical_id[:half]}-{suffix}"


@cache
def client(service, account_id, region):
    made = boto3.client(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{os.environ['MOTO_PORT']}",
        aws_access_key_id="AKIDCLOUDFORMATION",
        aws_secret_access_key="unchecked",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )
    made.meta.events.register(
        "before-sign.*.*", lambda request, **_: request.headers.add_header("x-moto-account-id", account_id)
    )
    return made


def taken(properties, names):
    """The properties of these names; any other is one that nobody would pass on."""
    unknown = properties.keys() - set(names)
    if unknown:
        raise ValueError(f"{', '.join(sorted(unknown))}: not passed on by resources.py, add it")
    return {name: properties[name] for name in names if name in properties}


def size(document):
    """As quotas of IAM count it: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""
    return len(re.sub(r"\s", "", json.dumps(document)))


def refuse_larger(found, most, what):
    if found > most:
        raise ValueError(f"LimitExceeded: {what} have {found} characters, and may have {most}")


def lower_first(value):
    """As the services spell that were made later."""
    if isinstance(value, list):
        return [lower_first(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {key[0].lower() + key[1:]: lower_first(one) for key, one in value.items()}


def tag_map(properties):
    return {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}


class Kind:
    def update(self, place, made, after):
        raise ValueError("cannot be changed here: add it to resources.py")


class Role(Kind):
    names = ("RoleName", "AssumeRolePolicyDocument", "Description", "Tags")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        refuse_larger(size(wanted["AssumeRolePolicyDocument"]), 2_048, "the trust policy")
        role = place.client("iam").create_role(
            **{
                "RoleName": place.name_for(logical_id, 64),
                **wanted,
                "AssumeRolePolicyDocument": json.dumps(wanted["AssumeRolePolicyDocument"]),
            }
        )["Role"]
        return role["RoleName"], {"Arn": role["Arn"], "RoleId": role["RoleId"]}

    def update(self, place, made, after):
        taken(after, self.names)
        iam, name = place.client("iam"), made.physical_resource_id
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(after["AssumeRolePolicyDocument"]))
        iam.update_role_description(RoleName=name, Description=after.get("Description", ""))
        iam.tag_role(RoleName=name, Tags=after.get("Tags", []))

    def delete(self, place, made):
        place.client("iam").delete_role(RoleName=made.physical_resource_id)


class Policy(Kind):
    names = ("PolicyName", "PolicyDocument", "Roles")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        for role in wanted["Roles"]:
            self.put(place, role, wanted)
        return place.name_for(logical_id, 64), {}

    def put(self, place, role, properties):
        iam = place.client("iam")
        iam.put_role_policy(
            RoleName=role,
            PolicyName=properties["PolicyName"],
            PolicyDocument=json.dumps(properties["PolicyDocument"]),
        )
        documents = [
            iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
        ]
        refuse_larger(sum(map(size, documents)), 10_240, f"the inline policies of the role {role}")

    def update(self, place, made, after):
        wanted = taken(after, self.names)
        for role in wanted["Roles"]:
            self.put(place, role, wanted)
        for role in made.properties["Roles"]:
            if (role, made.properties["PolicyName"]) not in [(one, after["PolicyName"]) for one in after["Roles"]]:
                self.take(place, role, made.properties["PolicyName"])

    def take(self, place, role, name):
        place.client("iam").delete_role_policy(RoleName=role, PolicyName=name)

    def delete(self, place, made):
        for role in made.properties["Roles"]:
            self.take(place, role, made.properties["PolicyName"])


class Key(Kind):
    names = ("Description", "EnableKeyRotation", "KeyPolicy", "KeySpec", "KeyUsage", "Tags")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        kms = place.client("kms")
        key = kms.create_key(
            Policy=json.dumps(wanted["KeyPolicy"]),
            Tags=[{"TagKey": key, "TagValue": value} for key, value in tag_map(wanted).items()],
            **{name: wanted[name] for name in ("Description", "KeySpec", "KeyUsage") if name in wanted},
        )["KeyMetadata"]
        if wanted.get("EnableKeyRotation"):
            kms.enable_key_rotation(KeyId=key["KeyId"])
        return key["KeyId"], {"Arn": key["Arn"], "KeyId": key["KeyId"]}

    def update(self, place, made, after):
        wanted = taken(after, self.names)
        if any(made.properties.get(name) != wanted.get(name) for name in ("KeySpec", "KeyUsage")):
            raise ValueError("You cannot change the key spec or the key usage of a key that exists.")
        kms, key = place.client("kms"), made.physical_resource_id
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(after["KeyPolicy"]))
        kms.update_key_description(KeyId=key, Description=after.get("Description", ""))
        rotate = kms.enable_key_rotation if after.get("EnableKeyRotation") else kms.disable_key_rotation
        if made.properties.get("EnableKeyRotation") != after.get("EnableKeyRotation"):
            rotate(KeyId=key)

    def delete(self, place, made):
        place.client("kms").schedule_key_deletion(KeyId=made.physical_resource_id)


class Bucket(Kind):
    names = (
        *("BucketEncryption", "BucketName", "LifecycleConfiguration", "LoggingConfiguration", "ObjectLockConfiguration"),
        *("ObjectLockEnabled", "OwnershipControls", "PublicAccessBlockConfiguration", "Tags", "VersioningConfiguration"),
    )

    def create(self, place, logical_id, properties):
        name = properties.get("BucketName", place.name_for(logical_id, 63).lower())
        place.client("s3").create_bucket(
            Bucket=name,
            CreateBucketConfiguration={"LocationConstraint": place.region},
            ObjectLockEnabledForBucket=properties.get("ObjectLockEnabled", False),
        )
        self.configure(place, name, {}, properties)
        return name, {"Arn": f"arn:aws:s3:::{name}", "DomainName": f"{name}.s3.amazonaws.com"}

    def update(self, place, made, after):
        self.configure(place, made.physical_resource_id, made.properties, after)

    def configure(self, place, name, before, after):
        wanted = taken(after, self.names)
        s3 = place.client("s3")
        for key, put in self.requests(s3).items():
            if key in wanted and wanted[key] != before.get(key):
                put(name, wanted[key])
        for key in before.keys() - after.keys():
            self.take(s3, name, key)

    def take(self, s3, name, key):
        if key == "LifecycleConfiguration":
            s3.delete_bucket_lifecycle(Bucket=name)
        elif key == "LoggingConfiguration":
            s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={})
        elif not key.startswith("ObjectLock"):
            raise ValueError(f"{key} cannot be taken away here: add it to resources.py")

    def requests(self, s3):
        return {
            "PublicAccessBlockConfiguration": lambda name, value: s3.put_public_access_block(
                Bucket=name, PublicAccessBlockConfiguration=value
            ),
            "OwnershipControls": lambda name, value: s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=value),
            "VersioningConfiguration": lambda name, value: s3.put_bucket_versioning(
                Bucket=name, VersioningConfiguration=value
            ),
            "BucketEncryption": lambda name, value: s3.put_bucket_encryption(
                Bucket=name,
                ServerSideEncryptionConfiguration={
                    "Rules": [
                        {
                            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                            "BucketKeyEnabled": rule.get("BucketKeyEnabled", False),
                        }
                        for rule in value["ServerSideEncryptionConfiguration"]
                    ]
                },
            ),
            "LifecycleConfiguration": lambda name, value: s3.put_bucket_lifecycle_configuration(
                Bucket=name, LifecycleConfiguration={"Rules": [lifecycle(rule) for rule in value["Rules"]]}
            ),
            "LoggingConfiguration": lambda name, value: self.log(s3, name, value),
            "ObjectLockConfiguration": lambda name, value: s3.put_object_lock_configuration(
                Bucket=name, ObjectLockConfiguration=value
            ),
            "Tags": lambda name, value: s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": value}),
        }

    def log(self, s3, name, value):
        """moto wants to see the policy of the other bucket first. It names this one, so it comes later, which is right for S3."""
        target = value["DestinationBucketName"]
        has_policy = "Policy" in policy_of(s3, target)
        if not has_policy:
            s3.put_bucket_policy(Bucket=target, Policy=json.dumps(delivery_to(target)))
        s3.put_bucket_logging(
            Bucket=name,
            BucketLoggingStatus={
                "LoggingEnabled": {"TargetBucket": target, "TargetPrefix": value.get("LogFilePrefix", "")}
            },
        )
        if not has_policy:
            s3.delete_bucket_policy(Bucket=target)

    def delete(self, place, made):
        """moto delivers access logs at once, S3 within hours: a stack that is rolled back within minutes meets none."""
        s3, name = place.client("s3"), made.physical_resource_id
        for one in s3.list_objects_v2(Bucket=name).get("Contents", []):
            if re.search(r"(^|/)\d{4}(-\d\d){5}-[0-9A-F]{16}$", one["Key"]):
                s3.delete_object(Bucket=name, Key=one["Key"])
        s3.delete_bucket(Bucket=name)


def policy_of(s3, bucket):
    try:
        return s3.get_bucket_policy(Bucket=bucket)
    except ClientError as refused:
        if refused.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return {}


def delivery_to(bucket):
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        ],
    }


def lifecycle(rule):
    """A rule of a template in the words of the API."""
    passed = taken(
        rule,
        (
            *("Id", "Status", "Prefix", "ExpirationInDays", "Transitions"),
            *("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"),
        ),
    )
    wanted = {"ID": passed["Id"], "Status": passed["Status"], "Filter": {"Prefix": passed.get("Prefix", "")}}
    if "ExpirationInDays" in passed:
        wanted["Expiration"] = {"Days": passed["ExpirationInDays"]}
    if "Transitions" in passed:
        wanted["Transitions"] = [
            {"Days": one["TransitionInDays"], "StorageClass": one["StorageClass"]} for one in passed["Transitions"]
        ]
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in passed:
            wanted[name] = passed[name]
    return wanted


class BucketPolicy(Kind):

    def create(self, place, logical_id, properties):
        wanted = taken(properties, ("Bucket", "PolicyDocument"))
        place.client("s3").put_bucket_policy(Bucket=wanted["Bucket"], Policy=json.dumps(wanted["PolicyDocument"]))
        return wanted["Bucket"], {}

    def update(self, place, made, after):
        self.create(place, "", after)

    def delete(self, place, made):
        place.client("s3").delete_bucket_policy(Bucket=made.physical_resource_id)


class Topic(Kind):
    names = ("DisplayName", "KmsMasterKeyId", "Tags")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        arn = place.client("sns").create_topic(
            Name=place.name_for(logical_id, 256), Attributes=self.attributes(wanted), Tags=wanted.get("Tags", [])
        )["TopicArn"]
        return arn, {"TopicArn": arn, "TopicName": arn.split(":")[-1]}

    def attributes(self, properties):
        return {name: properties[name] for name in ("DisplayName", "KmsMasterKeyId") if name in properties}

    def update(self, place, made, after):
        taken(after, self.names)
        for name, value in self.attributes(after).items():
            place.client("sns").set_topic_attributes(
                TopicArn=made.physical_resource_id, AttributeName=name, AttributeValue=value
            )

    def delete(self, place, made):
        place.client("sns").delete_topic(TopicArn=made.physical_resource_id)


class TopicPolicy(Kind):
    def create(self, place, logical_id, properties):
        wanted = taken(properties, ("PolicyDocument", "Topics"))
        for topic in wanted["Topics"]:
            place.client("sns").set_topic_attributes(
                TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(wanted["PolicyDocument"])
            )
        return place.name_for(logical_id, 128), {}

    def update(self, place, made, after):
        self.create(place, "", after)

    def delete(self, place, made):
        """The policy goes with its topic: SNS has no request to take it away."""


class Subscription(Kind):

    def create(self, place, logical_id, properties):
        wanted = taken(properties, ("Endpoint", "Protocol", "TopicArn"))
        arn = place.client("sns").subscribe(**wanted, ReturnSubscriptionArn=True)["SubscriptionArn"]
        return arn, {"Arn": arn}

    def delete(self, place, made):
        place.client("sns").unsubscribe(SubscriptionArn=made.physical_resource_id)


class Queue(Kind):
    names = ("KmsMasterKeyId", "MessageRetentionPeriod", "Tags")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        name = place.name_for(logical_id, 80)
        sqs = place.client("sqs")
        url = sqs.create_queue(QueueName=name, Attributes=self.attributes(wanted), tags=tag_map(wanted))["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, {"Arn": arn, "QueueName": name, "QueueUrl": url}

    def attributes(self, properties):
        return {name: str(value) for name, value in properties.items() if name != "Tags"}

    def update(self, place, made, after):
        wanted = taken(after, self.names)
        place.client("sqs").set_queue_attributes(QueueUrl=made.physical_resource_id, Attributes=self.attributes(wanted))

    def delete(self, place, made):
        place.client("sqs").delete_queue(QueueUrl=made.physical_resource_id)


class QueuePolicy(Kind):
    def create(self, place, logical_id, properties):
        wanted = taken(properties, ("PolicyDocument", "Queues"))
        for url in wanted["Queues"]:
            place.client("sqs").set_queue_attributes(
                QueueUrl=url, Attributes={"Policy": json.dumps(wanted["PolicyDocument"])}
            )
        return place.name_for(logical_id, 128), {}

    def update(self, place, made, after):
        self.create(place, "", after)

    def delete(self, place, made):
        for url in made.properties["Queues"]:
            place.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


class Function(Kind):
    configuration = (
        *("DeadLetterConfig", "Description", "Environment", "Handler", "LoggingConfig", "MemorySize", "Role"),
        *("Runtime", "Timeout", "TracingConfig", "VpcConfig"),
    )
    names = ("Architectures", "Code", "FunctionName", "ReservedConcurrentExecutions", "Tags", *configuration)

    def create(self, place, logical_id, properties):
        wanted = self.checked(properties)
        functions = place.client("lambda")
        name = wanted.get("FunctionName", place.name_for(logical_id, 64))
        arn = functions.create_function(
            FunctionName=name,
            Code=code_of(wanted["Code"]),
            Architectures=wanted.get("Architectures", ["x86_64"]),
            Tags=tag_map(wanted),
            **{key: wanted[key] for key in self.configuration if key in wanted},
        )["FunctionArn"]
        self.reserve(functions, name, {}, wanted)
        return name, {"Arn": arn}

    def checked(self, properties):
        """https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 4 KB of environment variables."""
        refuse_larger(len(json.dumps(properties["Environment"]["Variables"])), 4_096, "the environment variables")
        return taken(properties, self.names)

    def reserve(self, functions, name, before, after):
        key = "ReservedConcurrentExecutions"
        if key in after and before.get(key) != after[key]:
            functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=after[key])
        elif key in before and key not in after:
            functions.delete_function_concurrency(FunctionName=name)

    def update(self, place, made, after):
        wanted = self.checked(after)
        functions, name = place.client("lambda"), made.physical_resource_id
        if made.properties["Code"] != wanted["Code"]:
            functions.update_function_code(FunctionName=name, **code_of(wanted["Code"]))
        functions.update_function_configuration(
            FunctionName=name, **{key: wanted[key] for key in self.configuration if key in wanted}
        )
        self.reserve(functions, name, made.properties, wanted)

    def delete(self, place, made):
        place.client("lambda").delete_function(FunctionName=made.physical_resource_id)


def code_of(code):
    """Text in the template is the file index.js of a package, as CloudFormation makes it."""
    if "ZipFile" not in code:
        return code
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        # Without the time of now, so that the same text is the same package.
        archive.writestr(zipfile.ZipInfo("index.js"), code["ZipFile"])
    return {"ZipFile": package.getvalue()}


class EventInvokeConfig(Kind):

    def create(self, place, logical_id, properties):
        wanted = taken(properties, ("FunctionName", "Qualifier", "MaximumRetryAttempts"))
        place.client("lambda").put_function_event_invoke_config(**wanted)
        return f"{wanted['FunctionName']}|{wanted['Qualifier']}", {}

    def update(self, place, made, after):
        self.create(place, "", after)

    def delete(self, place, made):
        name, qualifier = made.physical_resource_id.split("|")
        place.client("lambda").delete_function_event_invoke_config(FunctionName=name, Qualifier=qualifier)


class LogGroup(Kind):
    names = ("KmsKeyId", "LogGroupName", "RetentionInDays", "Tags")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        name = wanted.get("LogGroupName", place.name_for(logical_id, 512))
        logs = place.client("logs")
        logs.create_log_group(logGroupName=name, kmsKeyId=wanted["KmsKeyId"], tags=tag_map(wanted))
        logs.put_retention_policy(logGroupName=name, retentionInDays=wanted["RetentionInDays"])
        return name, {"Arn": f"arn:aws:logs:{place.region}:{place.account_id}:log-group:{name}:*"}

    def update(self, place, made, after):
        wanted = taken(after, self.names)
        logs, name = place.client("logs"), made.physical_resource_id
        if made.properties["KmsKeyId"] != wanted["KmsKeyId"]:
            # moto has no AssociateKmsKey: only its own record of the group says the key.
            from moto.logs.models import logs_backends

            logs_backends[place.account_id][place.region].groups[name].kms_key_id = wanted["KmsKeyId"]
        logs.put_retention_policy(logGroupName=name, retentionInDays=wanted["RetentionInDays"])

    def delete(self, place, made):
        place.client("logs").delete_log_group(logGroupName=made.physical_resource_id)


class StateMachine(Kind):
    names = ("DefinitionString", "LoggingConfiguration", "RoleArn", "StateMachineName", "Tags", "TracingConfiguration")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        states = place.client("stepfunctions")
        name = wanted["StateMachineName"]
        if any(one["name"] == name for one in states.list_state_machines()["stateMachines"]):
            raise ValueError(f"State Machine Already Exists: {name}")
        arn = states.create_state_machine(
            name=name, tags=lower_first(wanted.get("Tags", [])), **self.request(wanted)
        )["stateMachineArn"]
        return arn, {"Arn": arn, "Name": name}

    def request(self, properties):
        return {
            "definition": properties["DefinitionString"],
            "roleArn": properties["RoleArn"],
            "loggingConfiguration": lower_first(properties["LoggingConfiguration"]),
            "tracingConfiguration": lower_first(properties["TracingConfiguration"]),
        }

    def update(self, place, made, after):
        wanted = taken(after, self.names)
        place.client("stepfunctions").update_state_machine(
            stateMachineArn=made.physical_resource_id, **self.request(wanted)
        )

    def delete(self, place, made):
        place.client("stepfunctions").delete_state_machine(stateMachineArn=made.physical_resource_id)


class ScheduleGroup(Kind):

    def create(self, place, logical_id, properties):
        wanted = taken(properties, ("Name", "Tags"))
        name = wanted.get("Name", place.name_for(logical_id, 64))
        arn = place.client("scheduler").create_schedule_group(Name=name, Tags=wanted.get("Tags", []))["ScheduleGroupArn"]
        return name, {"Arn": arn}

    def delete(self, place, made):
        place.client("scheduler").delete_schedule_group(Name=made.physical_resource_id)


class Schedule(Kind):

    def create(self, place, logical_id, properties):
        name = place.name_for(logical_id, 64)
        arn = place.client("scheduler").create_schedule(**{"Name": name, **properties})["ScheduleArn"]
        return name, {"Arn": arn}

    def update(self, place, made, after):
        """What a request leaves out gets its default, which moto forgets: UpdateSchedule in the API reference."""
        place.client("scheduler").update_schedule(**{"Name": made.physical_resource_id, "State": "ENABLED", **after})

    def delete(self, place, made):
        place.client("scheduler").delete_schedule(
            Name=made.physical_resource_id, GroupName=made.properties["GroupName"]
        )


class Alarm(Kind):

    def create(self, place, logical_id, properties):
        name = properties["AlarmName"]
        if place.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]:
            raise ValueError(f"{name} already exists")
        place.client("cloudwatch").put_metric_alarm(**properties)
        return name, {"Arn": f"arn:aws:cloudwatch:{place.region}:{place.account_id}:alarm:{name}"}

    def update(self, place, made, after):
        place.client("cloudwatch").put_metric_alarm(**after)

    def delete(self, place, made):
        place.client("cloudwatch").delete_alarms(AlarmNames=[made.physical_resource_id])


class Dashboard(Kind):

    def create(self, place, logical_id, properties):
        wanted = taken(properties, ("DashboardBody", "DashboardName", "Tags"))
        name = wanted["DashboardName"]
        cloudwatch = place.client("cloudwatch")
        if any(one["DashboardName"] == name for one in cloudwatch.list_dashboards()["DashboardEntries"]):
            raise ValueError(f"{name} already exists")
        self.update(place, None, wanted)
        return name, {}

    def update(self, place, made, after):
        json.loads(after["DashboardBody"])
        place.client("cloudwatch").put_dashboard(
            DashboardName=after["DashboardName"], DashboardBody=after["DashboardBody"]
        )

    def delete(self, place, made):
        place.client("cloudwatch").delete_dashboards(DashboardNames=[made.physical_resource_id])


class SecurityGroup(Kind):
    names = ("GroupDescription", "SecurityGroupEgress", "Tags", "VpcId")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        ec2 = place.client("ec2")
        group = ec2.create_security_group(
            GroupName=place.name_for(logical_id, 255),
            Description=wanted["GroupDescription"],
            VpcId=wanted["VpcId"],
            TagSpecifications=[{"ResourceType": "security-group", "Tags": wanted["Tags"]}],
        )["GroupId"]
        # Rules of a template take the place of the one that lets everything out.
        ec2.revoke_security_group_egress(
            GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        )
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=permissions(wanted))
        return group, {"GroupId": group, "VpcId": wanted["VpcId"]}

    def update(self, place, made, after):
        taken(after, self.names)
        ec2, group = place.client("ec2"), made.physical_resource_id
        known, wanted = permissions(made.properties), permissions(after)
        for rule in [one for one in known if one not in wanted]:
            ec2.revoke_security_group_egress(GroupId=group, IpPermissions=[rule])
        for rule in [one for one in wanted if one not in known]:
            ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[rule])

    def delete(self, place, made):
        place.client("ec2").delete_security_group(GroupId=made.physical_resource_id)


class VpcEndpoint(Kind):
    names = (
        *("PolicyDocument", "PrivateDnsEnabled", "RouteTableIds", "SecurityGroupIds", "ServiceName", "SubnetIds", "Tags"),
        *("VpcEndpointType", "VpcId"),
    )

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        passed = {name: value for name, value in wanted.items() if name not in ("PolicyDocument", "Tags")}
        ec2 = place.client("ec2")
        endpoint = ec2.create_vpc_endpoint(**passed, PolicyDocument=json.dumps(wanted["PolicyDocument"]))["VpcEndpoint"]
        names = [f"Z2E726K8GZ7EXAMPLE:{one['DnsName']}" for one in endpoint.get("DnsEntries", [])]
        return endpoint["VpcEndpointId"], {"Id": endpoint["VpcEndpointId"], "DnsEntries": names}

    def update(self, place, made, after):
        wanted = taken(after, self.names)
        place.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=made.physical_resource_id, PolicyDocument=json.dumps(wanted["PolicyDocument"])
        )

    def delete(self, place, made):
        place.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[made.physical_resource_id])


def permissions(properties):
    return [
        {
            "IpProtocol": rule["IpProtocol"],
            "FromPort": rule["FromPort"],
            "ToPort": rule["ToPort"],
            **{
                ranges: [{key: rule[key], "Description": rule["Description"]}]
                for ranges, key in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"))
                if key in rule
            },
        }
        for rule in properties["SecurityGroupEgress"]
    ]


class SecurityGroupIngress(Kind):
    names = ("Description", "FromPort", "GroupId", "IpProtocol", "SourceSecurityGroupId", "ToPort")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        place.client("ec2").authorize_security_group_ingress(GroupId=wanted["GroupId"], IpPermissions=[self.rule(wanted)])
        return place.name_for(logical_id, 64), {}

    def rule(self, properties):
        return {
            **{name: properties[name] for name in ("FromPort", "IpProtocol", "ToPort")},
            "UserIdGroupPairs": [{"GroupId": properties["SourceSecurityGroupId"], "Description": properties["Description"]}],
        }

    def delete(self, place, made):
        place.client("ec2").revoke_security_group_ingress(
            GroupId=made.properties["GroupId"], IpPermissions=[self.rule(made.properties)]
        )


class Database(Kind):

    def create(self, place, logical_id, properties):
        place.client("glue").create_database(**properties)
        return properties["DatabaseInput"]["Name"], {}

    def delete(self, place, made):
        place.client("glue").delete_database(Name=made.physical_resource_id)


class Table(Kind):

    def create(self, place, logical_id, properties):
        place.client("glue").create_table(**properties)
        return properties["TableInput"]["Name"], {}

    def update(self, place, made, after):
        place.client("glue").update_table(**after)

    def delete(self, place, made):
        place.client("glue").delete_table(DatabaseName=made.properties["DatabaseName"], Name=made.physical_resource_id)


class WorkGroup(Kind):
    names = ("Description", "Name", "RecursiveDeleteOption", "Tags", "WorkGroupConfiguration")

    def create(self, place, logical_id, properties):
        wanted = taken(properties, self.names)
        athena = place.client("athena")
        if any(one["Name"] == wanted["Name"] for one in athena.list_work_groups()["WorkGroups"]):
            raise ValueError(f"WorkGroup {wanted['Name']} is already created")
        athena.create_work_group(
            Name=wanted["Name"],
            Description=wanted["Description"],
            Configuration=wanted["WorkGroupConfiguration"],
            Tags=wanted["Tags"],
        )
        return wanted["Name"], {}

    def delete(self, place, made):
        place.client("athena").delete_work_group(WorkGroup=made.physical_resource_id, RecursiveDeleteOption=True)


class NamedQuery(Kind):
    names = ("Database", "Description", "Name", "QueryString", "WorkGroup")

    def create(self, place, logical_id, properties):
        query = place.client("athena").create_named_query(**taken(properties, self.names))["NamedQueryId"]
        return query, {"NamedQueryId": query}

    def delete(self, place, made):
        """moto has no DeleteNamedQuery."""


class Remembered(Kind):
    """Of a service, or a part of one, that moto does not have: it is known by its name, which none may have twice."""

    exists = set()

    def __init__(self, operation, known_by):
        self.operation, self.known_by = operation, known_by

    def key(self, place, properties):
        return (self.operation, place.account_id, place.region, *(properties[name] for name in self.known_by))

    def create(self, place, logical_id, properties):
        key = self.key(place, properties)
        if key in self.exists:
            raise ValueError(f"{'|'.join(key[3:])} already exists")
        self.exists.add(key)
        return "|".join(key[3:]), {}

    def update(self, place, made, after):
        """Nothing but what it is known by is kept."""

    def delete(self, place, made):
        self.exists.remove(self.key(place, made.properties))


class AccessEntry(Remembered):
    """https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html: not where aws-auth alone decides."""

    def create(self, place, logical_id, properties):
        cluster = place.client("eks").describe_cluster(name=properties["ClusterName"])["cluster"]
        if cluster["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
            raise ValueError("The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this operation.")
        return super().create(place, logical_id, properties)


TYPES = {
    "AWS::Athena::NamedQuery": NamedQuery(),
    "AWS::Athena::WorkGroup": WorkGroup(),
    "AWS::Chatbot::SlackChannelConfiguration": Remembered("CreateSlackChannelConfiguration", ("ConfigurationName",)),
    "AWS::CloudWatch::Alarm": Alarm(),
    "AWS::CloudWatch::Dashboard": Dashboard(),
    "AWS::EC2::SecurityGroup": SecurityGroup(),
    "AWS::EC2::SecurityGroupIngress": SecurityGroupIngress(),
    "AWS::EC2::VPCEndpoint": VpcEndpoint(),
    "AWS::EKS::AccessEntry": AccessEntry("CreateAccessEntry", ("ClusterName", "PrincipalArn")),
    "AWS::Glue::Database": Database(),
    "AWS::Glue::Table": Table(),
    "AWS::IAM::Policy": Policy(),
    "AWS::IAM::Role": Role(),
    "AWS::KMS::Key": Key(),
    "AWS::Lambda::EventInvokeConfig": EventInvokeConfig(),
    "AWS::Lambda::Function": Function(),
    "AWS::Logs::LogGroup": LogGroup(),
    "AWS::S3::Bucket": Bucket(),
    "AWS::S3::BucketPolicy": BucketPolicy(),
    "AWS::SNS::Subscription": Subscription(),
    "AWS::SNS::Topic": Topic(),
    "AWS::SNS::TopicPolicy": TopicPolicy(),
    "AWS::SQS::Queue": Queue(),
    "AWS::SQS::QueuePolicy": QueuePolicy(),
    "AWS::Scheduler::Schedule": Schedule(),
    "AWS::Scheduler::ScheduleGroup": ScheduleGroup(),
    "AWS::StepFunctions::StateMachine": StateMachine(),
}
