/** One wrong line in the engine or in a policy kind. */
export interface Mutation {
  readonly name: string;
  /** Under `lambda/egress`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** Mutations of one part, and what must notice them: patterns of test files, the quickest first. */
export interface Family {
  readonly name: string;
  readonly tests: readonly string[];
  readonly mutations: readonly Mutation[];
}

/** `find`, then `replace`. */
type Change = readonly [name: string, find: string, replace: string];

const inFile = (file: string, ...changes: readonly Change[]): readonly Mutation[] =>
  changes.map(([name, find, replace]) => ({ name, file, find, replace }));

const CORE: Family = {
  name: 'NetworkPolicy',
  tests: ['egress/network-policy.test', 'policies/selector.test', 'egress/network-policy.property'],
  mutations: [
    ...inFile(
      'kinds/core/network-policy-rule.ts',
      ['except is dropped', 'subtract(block, fromSpans(spans.filter((entry) => entry !== null)))', 'block'],
      ['endPort is ignored', '{ from: port, to: endPort }', '{ from: port, to: port }'],
      ['a named port opens every port', "return 'none';", "return 'every';"],
      ['the protocol defaults to UDP', "?? 'TCP';", "?? 'UDP';"],
      [
        'peers that select pods open the outside',
        'if (selectsPods) return certain(NOTHING);',
        'if (selectsPods) return certain(EVERYTHING);',
      ],
      [
        'an unknown field of a peer is passed over',
        "unknownFields(peer, ['podSelector', 'namespaceSelector', 'ipBlock'])",
        '[] as string[]',
      ],
      [
        'a block that is not understood is none',
        'and not a CIDR block`);\n    return atMost(EVERYTHING);',
        'and not a CIDR block`);\n    return certain(NOTHING);',
      ],
    ),
    ...inFile(
      'kinds/core/network-policy.ts',
      [
        'missing policyTypes count as Egress',
        'if (isUnset(egress)) return false;',
        'if (isUnset(egress)) return true;',
      ],
      ['an empty list of peers matches none', '(Array.isArray(value) && value.length === 0);\n', 'false;\n'],
      ['a policy does not isolate', "defaultAction: 'deny'", "defaultAction: 'pass'"],
      [
        'pods of every namespace are selected',
        ': { named: object.namespace },',
        ": { matching: parseLabelSelector(null, '', []) },",
      ],
      ['policyTypes without Egress count', "types.every((type) => type === 'Ingress')", 'false'],
    ),
    ...inFile(
      'policies/selector.ts',
      [
        'NotIn needs the key',
        'value === undefined || !refused.has(value)',
        'value !== undefined && !refused.has(value)',
      ],
      ['DoesNotExist is Exists', 'there === null ? null : !there', 'there'],
      [
        'an empty selector selects nothing',
        '? MATCH_ALL : allOf(requirements)',
        "? exists(' ') as never : allOf(requirements)",
      ],
      [
        'inherited properties are labels',
        'Object.hasOwn(labels, key) ? labels[key] : undefined',
        'labels[key]',
      ],
      ['In accepts any value', 'value !== undefined && accepted.has(value)', 'value !== undefined'],
    ),
  ],
};

const ADMIN: Family = {
  name: 'policies for administrators',
  tests: [
    'kinds/admin/policy.test',
    'kinds/admin-policy-rules.test',
    'kinds/application-network-policy.test',
    'kinds/admin/policy.property',
  ],
  mutations: [
    ...inFile(
      'kinds/admin/policy.ts',
      ['priorities are swapped', '    return Number(priority);', '    return -Number(priority);'],
      [
        'there is implicit isolation',
        "defaultAction: 'pass',\n      rules: parseEgress",
        "defaultAction: 'deny',\n      rules: parseEgress",
      ],
      [
        'a peer without fields does not fail closed',
        "certain(action === 'allow' ? NOTHING : EVERYTHING)",
        'certain(NOTHING)',
      ],
      ['the podSelector of a subject is ignored', 'pods: pods ?? MATCH_ALL', 'pods: MATCH_ALL'],
      [
        'the namespaceSelector of a subject is ignored',
        'matching: namespaces ?? MATCH_ALL',
        'matching: MATCH_ALL',
      ],
      [
        'an unknown action denies',
        '  return ruleOfAnyAction(source);',
        "  return toRules('deny', parts, dialect, { path, remarks });",
      ],
    ),
    ...inFile(
      'kinds/admin/admin-network-policy.ts',
      ['Pass allows', "Pass: 'pass'", "Pass: 'allow'"],
      [
        'Deny passes',
        "actions: { Allow: 'allow', Deny: 'deny', Pass: 'pass' }",
        "actions: { Allow: 'allow', Deny: 'pass', Pass: 'pass' }",
      ],
      [
        'the baseline goes before NetworkPolicies',
        'tier: TIERS.baseline, order: 0',
        'tier: TIERS.admin, order: 0',
      ],
    ),
    ...inFile(
      'kinds/admin/cluster-network-policy.ts',
      [
        'the tier Baseline is Admin',
        "name === 'Baseline' ? TIERS.baseline",
        "name === 'Baseline' ? TIERS.admin",
      ],
      ['Pass of v1alpha2 denies', "Pass: 'pass'", "Pass: 'deny'"],
    ),
    ...inFile(
      'kinds/admin/policy-ports.ts',
      [
        'the end of a range is ignored',
        'known(portRange(protocol, from, to))',
        'known(portRange(protocol, from, from))',
      ],
      [
        'a protocol without a port matches none',
        'if (isUnset(port)) return known(everyPort);',
        'if (isUnset(port)) return known(NO_PORTS);',
      ],
      ['a named port is every port', '  return known(NO_PORTS);', '  return known(ALL_PORTS);'],
    ),
    ...inFile(
      'kinds/admin/policy-peers.ts',
      [
        'only the first network counts',
        'fromSpans(spans.filter((span) => span !== null))',
        'fromSpans(spans.filter((span) => span !== null).slice(0, 1))',
      ],
      [
        'a network that is not understood is none',
        '{ definite: blocks, potential: EVERYTHING }',
        'certain(blocks)',
      ],
    ),
    ...inFile(
      'kinds/aws/cluster-network-policy.ts',
      ['Accept of Amazon passes', "Accept: 'allow'", "Accept: 'pass'"],
      ['the order of the agent is not noted', '.map(withOrderNote)', ''],
    ),
    ...inFile(
      'kinds/aws/application-network-policy.ts',
      ['domain names are dropped', '    names.push(...parsed.names);', ''],
      [
        'names are open on every port',
        'hosts: names.map((host) => ({ host, ports: ports.potential,',
        'hosts: names.map((host) => ({ host, ports: ALL_PORTS,',
      ],
    ),
    ...inFile('kinds/core/domain-names.ts', ['a bare * is a domain name', ' && DOMAIN_NAME.test(name)', '']),
    ...inFile(
      'decide/ties.ts',
      [
        'ties are settled by name',
        'if (!tier.some(({ policy }) => policy.orderedWithin !== undefined))\n    return',
        'if (true) return',
      ],
      ['of what is tied the first counts', 'subtract(decides.definite, others[action])', 'decides.definite'],
      ['what is tied goes on to the next tier', "...rules('pass'), closing", "...rules('pass')"],
      ['names are certain whatever ties deny', 'subtract(left.definite, others.allow)', 'left.definite'],
    ),
  ],
};

const CALICO: Family = {
  name: 'Calico',
  tests: [
    'kinds/calico/rule.test',
    'kinds/calico/policy.test',
    'kinds/calico/selector.test',
    'kinds/calico-ties.test',
    'kinds/calico/index.property',
  ],
  mutations: [
    ...inFile(
      'kinds/calico/destination.ts',
      [
        'notNets are ignored',
        'return without(both(match, certain(versionsIn(set))), certain(set));',
        'return match;',
      ],
      ['notNets keep the other IP version', 'both(match, certain(versionsIn(set)))', 'match'],
      ['notSelector is ignored', 'negative === null ? match : without(match, nets)', 'match'],
      [
        'network sets are not asked',
        'if (positive !== null) return both(match, nets);',
        'if (positive !== null) return match;',
      ],
      [
        'services are every address',
        '  return atMost(match.potential);\n}\n\n/**\n * "The domains',
        '  return match;\n}\n\n/**\n * "The domains',
      ],
    ),
    ...inFile(
      'kinds/calico/rule.ts',
      ['notPorts are ignored', 'except?.numbers ?? NO_PORTS', 'NO_PORTS'],
      ['Log decides', "['Log', []]", "['Log', ['allow']]"],
      ['Pass allows', "['Pass', ['pass']]", "['Pass', ['allow']]"],
      [
        'ipVersion is ignored',
        'if (version === 4) return certain(v4);',
        'if (version === 4) return certain(EVERYTHING);',
      ],
    ),
    ...inFile(
      'kinds/calico/ports.ts',
      ['notProtocol is ignored', 'excluded === undefined ? positive :', 'true ? positive :'],
      ['ICMP opens every port', 'named === null ? NO_PORTS :', 'named === null ? ALL_PORTS :'],
      [
        'the end of a range of ports is ignored',
        'from <= to ? { from, to } : null',
        'from <= to ? { from, to: from } : null',
      ],
    ),
    ...inFile(
      'kinds/calico/tiers.ts',
      ['the default action of a tier is dropped', "action === 'Pass' ? 'pass' : 'deny'", "'pass'"],
      [
        'the default action of the default tier is dropped',
        "order: DEFAULT_ORDER, defaultAction: 'deny'",
        "order: DEFAULT_ORDER, defaultAction: 'pass'",
      ],
      [
        'a tier without an order is last',
        "field(fields, 'order') ?? DEFAULT_ORDER",
        "field(fields, 'order') ?? 1e300",
      ],
    ),
    ...inFile(
      'kinds/calico/index.ts',
      [
        'staged policies count',
        'parse: () => [] })',
        "parse: (object, context) => parseCalicoPolicy(object, 'GlobalNetworkPolicy', context) })",
      ],
      ['what was read twice counts twice', 'isRepeated(object, context) ? [] : ', ''],
    ),
    ...inFile(
      'kinds/calico/spec.ts',
      ['a policy without an order is first', '?? Number.POSITIVE_INFINITY', '?? 0'],
      ['types without Egress count', "types.includes('Egress') ? 'definite' : 'no'", "'definite'"],
      [
        'the namespaceSelector is ignored',
        "readSelector(spec, 'namespaceSelector', {",
        "readSelector({}, 'namespaceSelector', {",
      ],
    ),
    ...inFile(
      'kinds/calico/entity.ts',
      [
        'sets of other namespaces match',
        'namespaces === null && namespace !== null ? inNamespace(namespace) : TRUE',
        'TRUE',
      ],
      ['global() is all()', 'global: not(has(NAMESPACE_LABEL))', 'global: has(NAMESPACE_LABEL)'],
    ),
    ...inFile(
      'kinds/calico/accounts.ts',
      ['whether the ServiceAccount exists is not asked', 'allOf([exists, named])', 'named'],
      ['a ServiceAccount that is gone still has its name', 'anyOf([not(exists), named])', 'named'],
      ['ServiceAccounts that were not read are gone', 'complete ? ifMissing : null', 'ifMissing'],
      ['ServiceAccounts that are gone are open', 'complete ? ifMissing : null', 'null'],
      ['labels of ServiceAccounts are ignored', 'if (found !== undefined) return holds(found);', ''],
    ),
    ...inFile(
      'kinds/calico/expression.ts',
      ['!= needs the label', 'ifMissing: !expression.ifMissing', 'ifMissing: expression.ifMissing'],
      ['"or" is "and"', "const deciding = is === 'any';", 'const deciding = false;'],
    ),
    ...inFile('kinds/calico/policy.ts', [
      'policies for hosts count for pods',
      'uncertainty !== null || forHosts || applies',
      'uncertainty !== null || applies',
    ]),
    ...inFile(
      'decide/versions.ts',
      ['versions rank alike', 'if (!differ || !exchanges) return', 'if (true) return'],
      ['ranks were exchanged where they were not', 'formerRankOf(first) > formerRankOf(second)', 'true'],
    ),
    ...inFile(
      'kinds/calico/placing.ts',
      ['parts of a policy lose their order', "padStart(6, '0')", "padStart(1, '0')"],
      [
        'a policy without a place denies nothing',
        "action: 'deny', potentialCover: EVERYTHING",
        "action: 'deny', potentialCover: NOTHING",
      ],
      [
        'a policy without a place allows nothing',
        'potentialCover: unionAll(opening.map(({ match }) => match.potential))',
        'potentialCover: NOTHING',
      ],
    ),
    ...inFile('kinds/calico/source.ts', [
      'the selector of a source is ignored',
      'const from = allOf([positive ?? TRUE,',
      'const from = allOf([TRUE,',
    ]),
    ...inFile('kinds/calico/nets.ts', [
      'a net may have leading zeros',
      '(!isIPv4(address) && !isIPv6(address))',
      'false',
    ]),
  ],
};

const CILIUM: Family = {
  name: 'Cilium',
  tests: [
    'kinds/cilium/rule.test',
    'kinds/cilium/policy.test',
    'kinds/cilium/selector.test',
    'kinds/cilium/index.property',
    'kinds/cilium-uncertainties.property',
  ],
  mutations: [
    ...inFile(
      'kinds/cilium/policy.ts',
      ['allow goes before deny', 'deny: Number.NEGATIVE_INFINITY', 'deny: 2000'],
      ['enableDefaultDeny is ignored', "(field(setting, 'egress') ?? hasRules)", 'hasRules'],
      ['specs are ignored', 'isUnset(specs) ? [] : specs;', '[];'],
      ['egressDeny is ignored', "readRules(spec, 'egressDeny', place)", '[] as CiliumRule[]'],
      [
        'names that are uncertain are dropped',
        'uncertainHosts.length === 0\n',
        'uncertainHosts.length >= 0\n',
      ],
    ),
    ...inFile(
      'kinds/cilium/rule.ts',
      [
        'the rule {} allows all',
        'return { ...bare, match: certain(NOTHING) };',
        'return { ...bare, match: certain(EVERYTHING) };',
      ],
      [
        'ICMP opens every port',
        'if (icmps.every(namesTypes)) return every(NONE);',
        'if (icmps.every(namesTypes)) return every(ALL);',
      ],
      ['authentication is taken to succeed', "mode !== 'disabled'", 'false'],
    ),
    ...inFile(
      'kinds/cilium/nets.ts',
      ['except is dropped', 'certain(subtract(block, fromSpans(except)))', 'certain(block)'],
      ['an except beside a group is passed over', '  return atMost(blocks.potential);', '  return blocks;'],
    ),
    ...inFile(
      'kinds/cilium/ports.ts',
      ['endPort is ignored', 'to: Math.max(from, endPort)', 'to: from'],
      [
        'port 0 is no port',
        '{ ...entry, ports: known(every), isZero: true }',
        '{ ...entry, ports: known(NO_PORTS), isZero: true }',
      ],
      [
        'named ports are none',
        '    if (outside)\n      remarks.uncertainties.push(',
        '    if (false)\n      remarks.uncertainties.push(',
      ],
    ),
    ...inFile(
      'kinds/cilium/peers.ts',
      ['world is inside', "['world', ANYWHERE]", "['world', INSIDE]"],
      ['cluster is anywhere', '(name) => [name, INSIDE] as const', '(name) => [name, ANYWHERE] as const'],
    ),
    ...inFile(
      'kinds/cilium/names.ts',
      ['a bare * admits no address', 'if (all === undefined) return', 'if (true) return'],
      ['* crosses dots', "ALL_NAMES.test(pattern) ? 'labels' : 'label'", "'labels'"],
    ),
    ...inFile('kinds/cilium/groups.ts', [
      'a group that was not read is none',
      ' that was not read`);\n  return atMost(EVERYTHING);',
      ' that was not read`);\n  return atMost(NOTHING);',
    ]),
    ...inFile('kinds/cilium/groups.ts', [
      'groups of other labels match',
      '.filter(({ matches }) => matches !== false);\n  if (found.length === 0)',
      '.filter(() => true);\n  if (found.length === 0)',
    ]),
    ...inFile(
      'kinds/cilium/scope.ts',
      [
        'labels of namespaces are ignored',
        "{ matching: selectorOf('namespaces') }",
        '{ matching: MATCH_ALL }',
      ],
      [
        'a label that Cilium leaves out is one of its own',
        'withIt === selector.matches({}) ? withIt : null',
        'withIt',
      ],
    ),
    ...inFile('kinds/cilium/endpoints.ts', [
      'toEndpoints open the outside',
      'if (namespaceIsAdded(known, namespace)) return certain(NOTHING);',
      'if (namespaceIsAdded(known, namespace)) return certain(EVERYTHING);',
    ]),
  ],
};

const ENGINE: Family = {
  name: 'the engine',
  tests: [
    'decide/evaluate.test',
    'answers/explain',
    'policies/select.test',
    'egress/engine.test',
    'sets/hosts.test',
    'sets/hosts.property',
    'sets/addresses.test',
    'sets/public-space.test',
    'kinds/admin/policy.test',
    'decide/evaluate.property',
    'sets/address-set.property',
    'egress/mixed.property',
  ],
  mutations: [
    ...inFile(
      'decide/evaluate.ts',
      ['Pass is Allow', "if (action === 'allow') {", "if (action !== 'deny') {"],
      [
        'tiers are read backwards',
        'a.tier.order < b.tier.order ? -1 : 1',
        'a.tier.order < b.tier.order ? 1 : -1',
      ],
      ['policies are read backwards', 'a.policy.order - b.policy.order', 'b.policy.order - a.policy.order'],
      [
        'later rules decide again',
        'remainder = without(remainder, match);',
        'remainder = both(remainder, certain(EVERYTHING));',
      ],
      [
        'what is passed is lost',
        'eitherOf([afterTier(tier, remainder), ...passed])',
        'afterTier(tier, remainder)',
      ],
      ['an uncertain policy is certain', 'if (definite) return runs;', 'if (true) return runs;'],
      ['what no tier decides is denied', 'eitherOf([...reached, remainder])', 'eitherOf(reached)'],
      ['names are open where all is decided', 'intersectPorts(of, open)', 'of'],
    ),
    ...inFile('sets/bounds.ts', [
      'what is potentially taken away is definitely taken away',
      '{ definite: b.potential, potential: b.definite }',
      'b',
    ]),
    ...inFile(
      'policies/select.ts',
      ['policies of every namespace apply', 'named.get(namespace) ?? []', '[...named.values()].flat()'],
      [
        'unknown labels of a namespace are none',
        'decides ? selector.matches(byName) : null',
        'selector.matches(byName)',
      ],
    ),
    ...inFile(
      'policies/selector-index.ts',
      ['selectors without an anchor are not found', 'unanchored.push(entry);', ';'],
      [
        'an anchor is sought by its first value',
        'values.map((value) => pair(key, value))',
        'values.slice(0, 1).map((value) => pair(key, value))',
      ],
    ),
    ...inFile('engine.ts', ['views of hostNetwork are shared', "${hostNetwork ? 'host;' : ''}", '']),
    ...inFile(
      'answers/create-view.ts',
      [
        'hostNetwork is restricted',
        'addresses: hostNetwork ? EVERYTHING :',
        'addresses: false ? EVERYTHING :',
      ],
      [
        'uncertainty narrows what checks see',
        'EVERYTHING : decision.reached.potential',
        'EVERYTHING : decision.reached.definite',
      ],
    ),
    ...inFile(
      'answers/explain.ts',
      ['rules explain what others decided', 'intersect(within, rule.covers)', 'rule.covers'],
      [
        'the reason of the default is swapped',
        'restricted ? NO_RULE : NO_POLICY',
        'restricted ? NO_POLICY : NO_RULE',
      ],
      [
        'names are explained on ports that were decided before',
        'ports: intersectPorts(ports, open)',
        'ports',
      ],
    ),
    ...inFile(
      'sets/hosts.ts',
      ['* never crosses dots', "wildcard === 'label' ? 'label' : 'labels' }", "'label' }"],
      ['a name of the domain itself is not under it', 'return meet(own, other) || meet(', 'return meet('],
      ['names below the domain are not under it', " || meet(own, [{ any: 'labels' }, '.', ...other])", ''],
    ),
    ...inFile('sets/addresses.ts', ['host bits count', 'Math.floor(address / size) * size', 'address']),
    ...inFile('sets/port-set.ts', [
      'the last port is left out',
      'place(protocol, to) + 1]',
      'place(protocol, to)]',
    ]),
    ...inFile('sets/public-space.ts', [
      'private addresses are internet',
      "  '10.0.0.0/8', // private use, RFC 1918\n",
      '',
    ]),
  ],
};

const ENFORCEMENT: Family = {
  name: 'enforcement',
  tests: ['enforcement/cases.test'],
  mutations: [
    ...inFile(
      'enforcement/cilium-identity.ts',
      ['Cilium knows every label', 'if (label === null) return answer;', 'return answer;'],
      ['labels that Cilium leaves out by itself are known', 'LEFT_OUT.test(key) || ', ''],
      ['labels that were not included are known', 'return includes.length === 0 ||', 'return true ||'],
      ['recommended labels need including', '[...KEPT, ...includes]', 'includes'],
      [
        'labels that are left out are known',
        'matches(pattern, key) !== false)) return false;',
        'false)) return false;',
      ],
      [
        'labels in a file are known',
        'filter === null || !isDefinitePart',
        'filter !== null && !isDefinitePart',
      ],
      [
        'expressions that are not understood leave nothing out',
        'if (start === null) return null;',
        'if (start === null) return false;',
      ],
      ['a dot is a dot', "part === '.' ? null : part.slice(-1)", 'part.slice(-1)'],
    ),
    ...inFile(
      'enforcement/cilium-not-matched.ts',
      [
        'no policy finds pods that it passes over',
        'if (matched !== false) return matched;',
        'return matched;',
      ],
      ['every label may be left out of pods', '(key) => isLeftOut(labelOfPod(key))', '() => true'],
      ['labels of namespaces are known', 'matching: without(matching, ofNamespaces)', 'matching'],
      ['kinds that Cilium does not read count', "answer !== 'no'", "answer !== 'unknown'"],
      ['every engine goes by identities', "if (engine.name !== 'cilium') return [];", ''],
    ),
    ...inFile(
      'enforcement/judge.ts',
      ['what may be allowed besides is passed over', '?? moreAllowed(engines, input) ??', '??'],
      ['what may be denied besides is more allowed', "action !== 'deny' &&", "action !== 'pass' &&"],
      ['rules for pods allow more outside', '!isNothing(potentialCover)', 'true'],
    ),
    ...inFile('enforcement/reach.ts', [
      'what may select besides is passed over',
      '    return unselectedPolicy === undefined\n      ?',
      '    return true\n      ?',
    ]),
    ...inFile(
      '../collect/engines/cilium-agent.ts',
      ['flags in the command are passed over', '[...command, ...args]', 'args'],
      [
        'variables go before flags',
        'if (flag === undefined)',
        'if (flag === undefined || env.has(variableOf(name)))',
      ],
      ['variables are passed over', 'return env.get(variableOf(name));', 'return undefined;'],
      ['another program tells nothing', 'if (!isAgent(words[0])) return null;', ''],
      ['variables from elsewhere are none', 'envFrom || ', ''],
      ['flags are never references', 'words.some(isReference) || ', ''],
      ['the case of a mode counts', '?.toLowerCase()', ''],
    ),
    ...inFile('enforcement/host-network.ts', [
      'only the ConfigMap tells of a firewall',
      '(firewall || enabled === null)',
      'firewall',
    ]),
    ...inFile(
      'enforcement/situation.ts',
      ['Calico sees every interface', 'engines.some(mayMissInterfaces)', 'false'],
      [
        'Calico sees no interface of its own',
        "?.podGroups !== 'traffic within the VPC'",
        '?.podGroups !== undefined',
      ],
    ),
  ],
};

export const FAMILIES: readonly Family[] = [CORE, ADMIN, CALICO, CILIUM, ENGINE, ENFORCEMENT];
