"""What exists in an account and region, by what the services say of it: for comparing before and after a deployment."""

import json

from botocore.exceptions import ClientError

from resources import client


def inventory(account_id, region):
    """By kind and name, each as its service describes it."""

    def of(service):
        return client(service, account_id, region)

    return {
        "alarms": {one["AlarmName"]: one for one in of("cloudwatch").describe_alarms()["MetricAlarms"]},
        "buckets": {one["Name"]: bucket(of("s3"), one["Name"]) for one in of("s3").list_buckets()["Buckets"]},
        "dashboards": {
            one["DashboardName"]: dashboard(of("cloudwatch"), one["DashboardName"])
            for one in of("cloudwatch").list_dashboards()["DashboardEntries"]
        },
        "databases": {one["Name"]: tables(of("glue"), one["Name"]) for one in of("glue").get_databases()["DatabaseList"]},
        "endpoints": {
            one["VpcEndpointId"]: one
            for one in of("ec2").describe_vpc_endpoints()["VpcEndpoints"]
            if one["State"] != "deleted"
        },
        "functions": {
            one["FunctionName"]: function(of("lambda"), one) for one in of("lambda").list_functions()["Functions"]
        },
        "keys": keys(of("kms")),
        "logGroups": {one["logGroupName"]: one for one in of("logs").describe_log_groups()["logGroups"]},
        "queues": {url: queue(of("sqs"), url) for url in of("sqs").list_queues().get("QueueUrls", [])},
        "roles": {one["RoleName"]: role(of("iam"), one) for one in of("iam").list_roles()["Roles"]},
        "scheduleGroups": {one["Name"]: one for one in of("scheduler").list_schedule_groups()["ScheduleGroups"]},
        "schedules": {
            one["Name"]: said(of("scheduler").get_schedule(Name=one["Name"], GroupName=one["GroupName"]))
            for one in of("scheduler").list_schedules()["Schedules"]
        },
        "securityGroups": {
            one["GroupId"]: one for one in of("ec2").describe_security_groups()["SecurityGroups"]
        },
        "stateMachines": {
            one["name"]: said(of("stepfunctions").describe_state_machine(stateMachineArn=one["stateMachineArn"]))
            for one in of("stepfunctions").list_state_machines()["stateMachines"]
        },
        "topics": {one["TopicArn"]: topic(of("sns"), one["TopicArn"]) for one in of("sns").list_topics()["Topics"]},
        "workGroups": {one["Name"]: work_group(of("athena"), one["Name"]) for one in of("athena").list_work_groups()["WorkGroups"]},
    }


def said(answer):
    """Without what boto3 adds about the request."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def bucket(s3, name):
    def answer(request, member, **more):
        try:
            return request(Bucket=name, **more).get(member)
        except ClientError as refused:
            if refused.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise
            return None

    policy = answer(s3.get_bucket_policy, "Policy")
    return {
        "encryption": answer(s3.get_bucket_encryption, "ServerSideEncryptionConfiguration"),
        "lifecycle": answer(s3.get_bucket_lifecycle_configuration, "Rules"),
        "logging": answer(s3.get_bucket_logging, "LoggingEnabled"),
        "objectLock": answer(s3.get_object_lock_configuration, "ObjectLockConfiguration"),
        "ownership": answer(s3.get_bucket_ownership_controls, "OwnershipControls"),
        "policy": None if policy is None else json.loads(policy),
        "publicAccess": answer(s3.get_public_access_block, "PublicAccessBlockConfiguration"),
        "tags": answer(s3.get_bucket_tagging, "TagSet"),
        "versioning": answer(s3.get_bucket_versioning, "Status"),
    }


def dashboard(cloudwatch, name):
    return {"body": json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"])}


def tables(glue, name):
    return {one["Name"]: one for one in glue.get_tables(DatabaseName=name)["TableList"]}


def function(functions, one):
    name = one["FunctionName"]
    try:
        retries = functions.get_function_event_invoke_config(FunctionName=name)["MaximumRetryAttempts"]
    except ClientError:
        retries = None
    reserved = functions.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions")
    return {**one, "retries": retries, "reserved": reserved}


def keys(kms):
    """Those that are not about to be deleted."""
    described = [kms.describe_key(KeyId=one["KeyId"])["KeyMetadata"] for one in kms.list_keys()["Keys"]]
    return {one["KeyId"]: key(kms, one) for one in described if one["KeyState"] != "PendingDeletion"}


def key(kms, described):
    name = described["KeyId"]
    rotates = described["KeySpec"] == "SYMMETRIC_DEFAULT" and kms.get_key_rotation_status(KeyId=name)["KeyRotationEnabled"]
    policy = json.loads(kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"])
    return {**described, "policy": policy, "rotates": rotates}


def queue(sqs, url):
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {**attributes, "Policy": json.loads(attributes["Policy"]) if attributes.get("Policy") else None}


def role(iam, one):
    name = one["RoleName"]
    return {
        **one,
        "policies": {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        },
    }


def topic(sns, arn):
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    return {
        **attributes,
        "Policy": json.loads(attributes["Policy"]),
        "subscriptions": [
            {name: one[name] for name in ("Protocol", "Endpoint")}
            for one in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
        ],
    }


def work_group(athena, name):
    queries = athena.list_named_queries(WorkGroup=name)["NamedQueryIds"]
    return {
        **athena.get_work_group(WorkGroup=name)["WorkGroup"],
        "queries": [athena.get_named_query(NamedQueryId=one)["NamedQuery"]["Name"] for one in queries],
    }
