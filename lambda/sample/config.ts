/**
 * The configuration with which the sample is audited unless one is given. It approves one destination, so that
 * the check of unapproved ones has something to tell apart.
 */
export const SAMPLE_CONFIG = `egress:
  approved:
    - { name: payment provider, cidr: 203.0.113.10/32, ports: [443], protocols: [TCP] }
`;
