import type { PackageRegistry } from './model.ts';

/** Databases and message brokers: their packages and extensions. */
export const DATABASES: readonly PackageRegistry[] = [
  {
    name: 'PostgreSQL',
    domains: ['apt.postgresql.org', 'yum.postgresql.org', 'download.postgresql.org'],
    source: 'https://www.postgresql.org/download/',
  },
  {
    name: 'MySQL',
    domains: ['repo.mysql.com', 'cdn.mysql.com', 'downloads.mysql.com', 'dev.mysql.com'],
    source: 'https://dev.mysql.com/doc/refman/8.4/en/linux-installation-yum-repo.html',
  },
  {
    name: 'MariaDB',
    domains: ['mariadb.org', 'downloads.mariadb.com', 'dlm.mariadb.com'],
    source: 'https://mariadb.com/docs/server/server-management/install-and-upgrade-mariadb',
  },
  {
    name: 'Percona',
    domains: ['repo.percona.com', 'downloads.percona.com'],
    source: 'https://docs.percona.com/percona-software-repositories/index.html',
  },
  {
    name: 'MongoDB',
    domains: ['repo.mongodb.org', 'repo.mongodb.com', 'fastdl.mongodb.org', 'downloads.mongodb.com'],
    source: 'https://www.mongodb.com/docs/manual/administration/install-on-linux/',
  },
  {
    name: 'Redis',
    domains: ['packages.redis.io', 'download.redis.io'],
    source:
      'https://redis.io/docs/latest/operate/oss_and_stack/install/archive/install-redis/install-redis-on-linux/',
  },
  { name: 'ClickHouse', domains: ['packages.clickhouse.com'], source: 'https://clickhouse.com/docs/install' },
  {
    name: 'DuckDB extensions',
    domains: [
      'extensions.duckdb.org',
      'community-extensions.duckdb.org',
      'nightly-extensions.duckdb.org',
      'install.duckdb.org',
    ],
    source: 'https://duckdb.org/docs/stable/extensions/installing_extensions',
  },
  {
    name: 'InfluxData',
    domains: ['repos.influxdata.com', 'dl.influxdata.com'],
    source: 'https://docs.influxdata.com/influxdb/v2/install/',
  },
  {
    name: 'Cassandra',
    domains: ['debian.cassandra.apache.org', 'redhat.cassandra.apache.org'],
    source: 'https://cassandra.apache.org/doc/latest/cassandra/installing/installing.html',
  },
  {
    name: 'Neo4j',
    domains: ['debian.neo4j.com', 'yum.neo4j.com', 'dist.neo4j.org'],
    source: 'https://neo4j.com/docs/operations-manual/current/installation/linux/debian/',
  },
  {
    name: 'Couchbase',
    domains: ['packages.couchbase.com'],
    source: 'https://docs.couchbase.com/server/current/install/ubuntu-debian-install.html',
  },
  {
    name: 'CockroachDB',
    domains: ['binaries.cockroachdb.com'],
    source: 'https://www.cockroachlabs.com/docs/stable/install-cockroachdb-linux',
  },
  {
    name: 'Confluent',
    domains: ['packages.confluent.io'],
    source: 'https://docs.confluent.io/platform/current/installation/installing_cp/deb-ubuntu.html',
  },
  {
    name: 'RabbitMQ',
    domains: ['deb*.rabbitmq.com', 'ppa*.rabbitmq.com', 'yum*.rabbitmq.com'],
    source: 'https://www.rabbitmq.com/docs/install-debian',
  },
];
