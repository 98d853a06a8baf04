"""CloudFormation on loopback: moto's requests, parameters and functions of templates, with an engine of its own behind them.

moto makes resources by code of its own for each type. That knows 13 of the 26 types of this project's templates,
leaves the others out without a word, drops many properties of those that it knows (lifecycle, versions and Object Lock
of buckets, the kind of a KMS key), removes before it adds, keeps nothing but what says "Retain", and rolls nothing back. So
resources are made by requests to the services instead (resources.py), in the order and with the outcomes of CloudFormation:

1. Dependencies first, by Ref, Fn::GetAtt, Fn::Sub and DependsOn; removal in the reverse order.
   https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-dependson.html
2. An update adds and changes, replaces where a create-only property changed, and removes last. Which properties are
   create-only say the schemas of the types in AWS's registry, which cfn-lint has.
   https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
3. DeletionPolicy and UpdateReplacePolicy, with RetainExceptOnCreate.
   https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
4. What fails is rolled back; a stack in ROLLBACK_COMPLETE can only be deleted.
   https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
5. An event for each step of each resource.

Not done: Rules, transforms, custom resources, nested stacks, stack policies, drift, and waiting: a request is over when the
stack is.
"""

import re
from dataclasses import dataclass
from graphlib import TopologicalSorter
from urllib.parse import urlparse

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from moto.cloudformation import models, parsing, responses
from moto.cloudformation.exceptions import UnformattedGetAttTemplateException, ValidationError
from moto.s3.models import s3_backends

from resources import TYPES, Place

# Schemas of types are alike in all regions.
DEFAULT_REGION = "us-east-1"
# https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1929, which the schema leaves out.
ALSO_CREATE_ONLY = {"AWS::S3::Bucket": [["ObjectLockEnabled"]]}
KEPT = ("Retain", "RetainExceptOnCreate")


@dataclass
class Made:
    """A resource of a stack. The names are those that moto's answers read."""

    logical_resource_id: str
    cf_resource_type: str
    physical_resource_id: str
    attributes: dict
    # As they were resolved.
    properties: dict
    deletion_policy: str
    update_replace_policy: str

    def get_cfn_attribute(self, name):
        if name not in self.attributes:
            raise UnformattedGetAttTemplateException()
        return self.attributes[name]


class Deployed(parsing.ResourceMap):
    """The resources that a stack has, in the place of moto's, which makes whatever it is asked for."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.made = {}

    def __getitem__(self, key):
        if key in self._parsed_resources:
            return self._parsed_resources[key]
        return self.made[key]

    @property
    def resources(self):
        return list(self.made)

    def __len__(self):
        return len(self.made)

    def validate_outputs(self):
        """They are resolved when the resources exist."""

    def wanted(self):
        """Resources of the template whose condition holds, dependencies first."""
        resources = self._template.get("Resources", {})
        wanted = {
            name: resource
            for name, resource in resources.items()
            if "Condition" not in resource or self.lazy_condition_map[resource["Condition"]]
        }
        order = TopologicalSorter({name: references(one) & wanted.keys() for name, one in wanted.items()})
        return {name: wanted[name] for name in order.static_order()}

    def latest_first(self):
        """What exists, each before what it depends on."""
        return [self.made[name] for name in reversed(self.wanted()) if name in self.made]


def references(node):
    """Logical ids and parameters that a part of a template names."""
    if isinstance(node, list):
        return set().union(*map(references, node))
    if not isinstance(node, dict):
        return set()
    found = set()
    for key, value in node.items():
        if key == "Ref":
            found.add(value)
        elif key == "Fn::GetAtt":
            found.add(value[0] if isinstance(value, list) else value.split(".")[0])
        elif key == "DependsOn":
            found.update([value] if isinstance(value, str) else value)
        elif key == "Fn::Sub":
            text = value if isinstance(value, str) else value[0]
            found.update(name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text))
            found |= references(value)
        else:
            found |= references(value)
    return found


def is_replaced(before, after):
    """Whether a property differs that can only be said at creation, by the schema that the type is registered with."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(DEFAULT_REGION, after.cf_resource_type).schema
    paths = [path.split("/")[2:] for path in schema.get("createOnlyProperties", [])]
    paths += ALSO_CREATE_ONLY.get(after.cf_resource_type, [])
    return any(value_at(before.properties, path) != value_at(after.properties, path) for path in paths)


def value_at(properties, path):
    for name in path:
        properties = None if properties is None else properties.get(name)
    return properties


class Operation:
    """One creation, update or removal of a stack, with what it takes to undo it."""

    def __init__(self, stack):
        self.stack = stack
        self.place = Place(stack.account_id, stack.region_name, stack.name)
        # What to do, in reverse, when it fails.
        self.undo = []
        # Replaced ones, which are removed at the end.
        self.replaced = []

    def event(self, made, status, reason=None):
        self.stack.events.append(
            models.Event(
                stack_id=self.stack.stack_id,
                stack_name=self.stack.name,
                logical_resource_id=made.logical_resource_id,
                physical_resource_id=made.physical_resource_id,
                resource_type=made.cf_resource_type,
                resource_status=status,
                resource_status_reason=reason,
                resource_properties=None,
            )
        )

    def status(self, status, reason=None):
        self.stack.status = status
        self.stack._add_stack_event(status, resource_status_reason=reason)

    def has_no_outputs(self):
        self.stack.output_map = models.OutputMap(self.stack.resource_map, {"Outputs": {}}, self.stack.stack_id)

    def apply(self, resources):
        """Makes and changes what the template wants. Raises where a service refuses."""
        for name, resource in resources.wanted().items():
            before = resources.made.get(name)
            if before is not None and before.cf_resource_type != resource["Type"]:
                raise ValidationError(message=f"Update of resource type is not permitted: {name}")
            self.apply_one(resources, name, resource, before)

    def apply_one(self, resources, name, resource, before):
        after = Made(
            name,
            resource["Type"],
            "" if before is None else before.physical_resource_id,
            {} if before is None else before.attributes,
            {},
            resource.get("DeletionPolicy", "Delete"),
            resource.get("UpdateReplacePolicy", "Delete"),
        )
        kind = TYPES.get(after.cf_resource_type)
        verb = "CREATE" if before is None else "UPDATE"
        try:
            if kind is None:
                raise ValueError(f"{after.cf_resource_type} is not known here: add it to resources.py")
            after.properties = parsing.clean_json(resource.get("Properties", {}), resources)
            if before is not None and before.properties == after.properties:
                resources.made[name] = after
                return
            self.event(after, f"{verb}_IN_PROGRESS")
            if before is not None and not is_replaced(before, after):
                self.undo.append(lambda: self.take_back(resources, before, after))
                kind.update(self.place, before, after.properties)
            else:
                if before is not None:
                    self.event(after, "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource.")
                    self.replaced.append(before)
                after.physical_resource_id, after.attributes = kind.create(self.place, name, after.properties)
                self.undo.append(lambda: self.take_away(resources, after, before))
        except Exception as refused:
            self.event(after, f"{verb}_FAILED", f"{type(refused).__name__}: {refused}")
            raise
        resources.made[name] = after
        self.event(after, f"{verb}_COMPLETE")

    def take_back(self, resources, before, after):
        self.event(before, "UPDATE_IN_PROGRESS")
        TYPES[before.cf_resource_type].update(self.place, after, before.properties)
        resources.made[before.logical_resource_id] = before
        self.event(before, "UPDATE_COMPLETE")

    def take_away(self, resources, after, before):
        """Undoes a creation: RetainExceptOnCreate keeps nothing then."""
        self.remove(after, after.deletion_policy == "Retain")
        if before is None:
            del resources.made[after.logical_resource_id]
        else:
            resources.made[before.logical_resource_id] = before

    def remove(self, made, is_kept):
        if is_kept:
            self.event(made, "DELETE_SKIPPED")
            return
        self.event(made, "DELETE_IN_PROGRESS")
        try:
            TYPES[made.cf_resource_type].delete(self.place, made)
        except Exception as refused:
            self.event(made, "DELETE_FAILED", f"{type(refused).__name__}: {refused}")
            raise
        self.event(made, "DELETE_COMPLETE")

    def roll_back(self):
        for step in reversed(self.undo):
            step()


def create(stack):
    """Of a new stack, whose beginning is an event already."""
    operation = Operation(stack)
    stack.status = "CREATE_IN_PROGRESS"
    stack.description = stack.template_dict.get("Description")
    try:
        operation.apply(stack.resource_map)
    except Exception as refused:
        operation.has_no_outputs()
        operation.status("ROLLBACK_IN_PROGRESS", f"The following resource(s) failed to create. {refused}")
        try:
            operation.roll_back()
        except Exception as stuck:
            operation.status("ROLLBACK_FAILED", str(stuck))
            return
        operation.status("ROLLBACK_COMPLETE")
        return
    operation.status("CREATE_COMPLETE")


def update(stack, template, role_arn=None, parameters=None, tags=None):
    operation = Operation(stack)
    operation.status("UPDATE_IN_PROGRESS", "User Initiated")
    before = (stack.template, stack.template_dict, stack.parameters, stack.resource_map)
    stack.template = template
    stack._parse_template()
    stack.parameters = stack.parameters if parameters is None else parameters
    old = stack.resource_map
    stack.resource_map = stack._create_resource_map()
    stack.resource_map.made = dict(old.made)
    try:
        operation.apply(stack.resource_map)
    except Exception as refused:
        operation.status("UPDATE_ROLLBACK_IN_PROGRESS", f"The following resource(s) failed to update. {refused}")
        try:
            operation.roll_back()
        except Exception as stuck:
            operation.status("UPDATE_ROLLBACK_FAILED", str(stuck))
            return
        stack.template, stack.template_dict, stack.parameters, stack.resource_map = before
        operation.status("UPDATE_ROLLBACK_COMPLETE")
        return
    operation.status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    wanted = stack.resource_map.wanted()
    for made in reversed(operation.replaced):
        operation.remove(made, made.update_replace_policy == "Retain")
    for made in old.latest_first():
        if made.logical_resource_id not in wanted:
            operation.remove(made, made.deletion_policy in KEPT)
            del stack.resource_map.made[made.logical_resource_id]
    stack.output_map = stack._create_output_map()
    stack.tags = stack.tags if tags is None else tags
    operation.status("UPDATE_COMPLETE")


def delete(stack):
    operation = Operation(stack)
    operation.has_no_outputs()
    operation.status("DELETE_IN_PROGRESS", "User Initiated")
    for made in stack.resource_map.latest_first():
        name = made.logical_resource_id
        try:
            operation.remove(made, made.deletion_policy in KEPT)
        except Exception as stuck:
            operation.status("DELETE_FAILED", f"The following resource(s) failed to delete: [{name}]. {stuck}")
            return
        del stack.resource_map.made[name]
    operation.status("DELETE_COMPLETE")


def execute_change_set(backend, change_set_name, stack_name=None):
    change_set = backend.describe_change_set(change_set_name)
    stack = backend.stacks[change_set.stack_id]
    if change_set.change_set_type == "CREATE":
        stack._add_stack_event("CREATE_IN_PROGRESS", resource_status_reason="User Initiated")
        stack.template, stack.parameters = change_set.template, change_set.parameters
        stack._parse_template()
        stack.resource_map = stack._create_resource_map()
        stack.output_map = stack._create_output_map()
        create(stack)
    else:
        update(stack, change_set.template, parameters=change_set.parameters)
    change_set.execution_status = "EXECUTE_COMPLETE"


def delete_stack(backend, name_or_id):
    """One that could not be removed stays, as one that failed."""
    for stack in list(backend.stacks.values()):
        if name_or_id in (stack.name, stack.stack_id):
            delete(stack)
            if stack.status == "DELETE_COMPLETE":
                backend.deleted_stacks[stack.stack_id] = backend.stacks.pop(stack.stack_id)


def template_at(url, account_id, partition):
    """The CDK names the template by the address of this server, which moto takes for the name of a bucket."""
    bucket, key = urlparse(url).path.lstrip("/").split("/", 1)
    return s3_backends[account_id][partition].get_object(bucket, key).value.decode()


def install():
    """Puts this engine in the place of moto's."""
    responses.get_stack_from_s3_url = template_at
    models.ResourceMap = Deployed
    models.Stack.create_resources = create
    models.Stack.update = update
    models.CloudFormationBackend.execute_change_set = execute_change_set
    models.CloudFormationBackend.delete_stack = delete_stack
