import type { PackageRegistry } from './package-registry.ts';

/** Databases and message brokers: their packages and extensions. */
export const DATABASES: readonly PackageRegistry[] = [
  // https://www.postgresql.org/download/
  {
    name: 'PostgreSQL',
    domains: ['apt.postgresql.org', 'yum.postgresql.org', 'download.postgresql.org'],
  },
  // https://dev.mysql.com/doc/refman/8.4/en/linux-installation-yum-repo.html
  {
    name: 'MySQL',
    domains: ['repo.mysql.com', 'cdn.mysql.com', 'downloads.mysql.com', 'dev.mysql.com'],
  },
  // https://mariadb.com/docs/server/server-management/install-and-upgrade-mariadb
  {
    name: 'MariaDB',
    domains: ['mariadb.org', 'downloads.mariadb.com', 'dlm.mariadb.com'],
  },
  // https://docs.percona.com/percona-software-repositories/index.html
  {
    name: 'Percona',
    domains: ['repo.percona.com', 'downloads.percona.com'],
  },
  // https://www.mongodb.com/docs/manual/administration/install-on-linux/
  {
    name: 'MongoDB',
    domains: ['repo.mongodb.org', 'repo.mongodb.com', 'fastdl.mongodb.org', 'downloads.mongodb.com'],
  },
  // https://redis.io/docs/latest/operate/oss_and_stack/install/archive/install-redis/install-redis-on-linux/
  {
    name: 'Redis',
    domains: ['packages.redis.io', 'download.redis.io'],
  },
  // https://clickhouse.com/docs/install
  { name: 'ClickHouse', domains: ['packages.clickhouse.com'] },
  // https://duckdb.org/docs/stable/extensions/installing_extensions
  {
    name: 'DuckDB extensions',
    domains: [
      'extensions.duckdb.org',
      'community-extensions.duckdb.org',
      'nightly-extensions.duckdb.org',
      'install.duckdb.org',
    ],
  },
  // https://docs.influxdata.com/influxdb/v2/install/
  {
    name: 'InfluxData',
    domains: ['repos.influxdata.com', 'dl.influxdata.com'],
  },
  // https://cassandra.apache.org/doc/latest/cassandra/installing/installing.html
  {
    name: 'Cassandra',
    domains: ['debian.cassandra.apache.org', 'redhat.cassandra.apache.org'],
  },
  // https://neo4j.com/docs/operations-manual/current/installation/linux/debian/
  {
    name: 'Neo4j',
    domains: ['debian.neo4j.com', 'yum.neo4j.com', 'dist.neo4j.org'],
  },
  // https://docs.couchbase.com/server/current/install/ubuntu-debian-install.html
  {
    name: 'Couchbase',
    domains: ['packages.couchbase.com'],
  },
  // https://www.cockroachlabs.com/docs/stable/install-cockroachdb-linux
  {
    name: 'CockroachDB',
    domains: ['binaries.cockroachdb.com'],
  },
  // https://docs.confluent.io/platform/current/installation/installing_cp/deb-ubuntu.html
  {
    name: 'Confluent',
    domains: ['packages.confluent.io'],
  },
  // https://www.rabbitmq.com/docs/install-debian
  {
    name: 'RabbitMQ',
    domains: ['deb*.rabbitmq.com', 'ppa*.rabbitmq.com', 'yum*.rabbitmq.com'],
  },
];
