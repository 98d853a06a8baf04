/** An SBOM of an image of the sample. */
export interface SampleSbom {
  /** Repository and tag. */
  readonly name: string;
  /** Of the image, as nodes of the sample run it. */
  readonly digest: string;
  readonly format: 'spdx-json' | 'cyclonedx-xml';
  /** Package URLs. */
  readonly packages: readonly string[];
}

const DEBIAN = [
  'pkg:deb/debian/openssl@3.0.11-1~deb12u2',
  'pkg:deb/debian/libc6@2.36-9%2Bdeb12u4',
  'pkg:deb/debian/zlib1g@1%3A1.2.13.dfsg-1',
];
const ALPINE = [
  'pkg:apk/alpine/musl@1.2.5-r1',
  'pkg:apk/alpine/openssl@3.3.1-r3',
  'pkg:apk/alpine/busybox@1.36.1-r29',
];
const AMAZON = ['pkg:rpm/amzn/openssl-libs@3.0.8-1.amzn2023.0.12', 'pkg:rpm/amzn/glibc@2.34-52.amzn2023.0.8'];
const NODE = [
  'pkg:npm/express@4.18.2',
  'pkg:npm/lodash@4.17.21',
  'pkg:npm/%40babel/runtime@7.22.6',
  'pkg:npm/semver@7.5.1',
];
const GO = [
  'pkg:golang/stdlib@1.24.3',
  'pkg:golang/golang.org/x/net@v0.33.0',
  'pkg:golang/github.com/golang-jwt/jwt/v5@v5.2.1',
];
const PYTHON = [
  'pkg:pypi/requests@2.31.0',
  'pkg:pypi/urllib3@1.26.16',
  'pkg:pypi/jinja2@3.1.2',
  'pkg:pypi/apache-airflow@2.11.0',
];

const java = (log4j: string): readonly string[] => [
  `pkg:maven/org.apache.logging.log4j/log4j-api@${log4j}`,
  `pkg:maven/org.apache.logging.log4j/log4j-core@${log4j}`,
  'pkg:maven/com.fasterxml.jackson.core/jackson-databind@2.15.2',
  'pkg:maven/io.netty/netty-handler@4.1.94.Final',
];

/** A few packages of each: enough for questions, far less than a real image has. All other images of the sample have none. */
export const SBOMS: readonly SampleSbom[] = [
  {
    name: 'shop/search:8.2.0',
    digest: 'sha256:91f5cfa9586f5cdad980d3d4c3cacc81a7b2cc1fdba2eed8cee4ff998cd2b289',
    format: 'spdx-json',
    packages: [...AMAZON, ...java('2.14.1')],
  },
  {
    name: 'shop/ledger:7.1.0',
    digest: 'sha256:5378bd77cf838cc9969baaf44eb4d9b5e9b48a252caa038d31a4bc7e4b45bb90',
    format: 'spdx-json',
    packages: [...AMAZON, ...java('2.17.1')],
  },
  {
    name: 'shop/settlement:2.2.0',
    digest: 'sha256:0078f991631b86b2b4ff80c297ebf85918be85c3667b901f54022dbd8cea0551',
    format: 'spdx-json',
    packages: [...AMAZON, ...java('2.16.0')],
  },
  {
    name: 'shop/cart:5.0.1',
    digest: 'sha256:1d55425e8cded1f12ac5f866115398413fd19549f257be2c5ac24504de6f3789',
    format: 'spdx-json',
    packages: [...ALPINE, ...NODE],
  },
  {
    name: 'shop/catalog-api',
    digest: 'sha256:2f47cc6d55fa04cbf1ae7afda0da04fcfc7d7958836e8e09e377ec35078a7848',
    format: 'spdx-json',
    packages: [...ALPINE, ...GO],
  },
  {
    name: 'shop/checkout-ui:4.7.0',
    digest: 'sha256:b132baea6c3081714c5668aa292a956b4a211151bc7feba631fe7dca60fa7dc2',
    format: 'spdx-json',
    packages: [...ALPINE, ...NODE],
  },
  {
    name: 'shop/web:2026.9.3',
    digest: 'sha256:e2a85bb65ed53e866e0cd53b2e6449bf3c084f06d10c0043385ec54905877e34',
    format: 'spdx-json',
    packages: [...ALPINE, ...NODE],
  },
  {
    name: 'shop/web:2026.10.1',
    digest: 'sha256:e49394aecf7918118d1876ed31a0088e91241a4e108179efa33074f062d1b4d4',
    format: 'spdx-json',
    packages: [
      ...ALPINE,
      'pkg:npm/express@4.21.2',
      'pkg:npm/lodash@4.17.21',
      'pkg:npm/%40babel/runtime@7.22.6',
      'pkg:npm/semver@7.5.1',
    ],
  },
  {
    name: 'shop/payment-gateway:11.3.2',
    digest: 'sha256:4d44d8178ba28db6d711a6e3277c3f0d31022c5612324c76509aca4b38c0822d',
    format: 'spdx-json',
    packages: [...ALPINE, ...GO],
  },
  {
    name: 'shop/points-api:2.9.0',
    digest: 'sha256:c4c004f2744c9474313c666477fcb99507b01a087136d059042e99aef93a8317',
    format: 'spdx-json',
    packages: [...ALPINE, ...GO],
  },
  {
    name: 'shop/recommendations:3.14.0',
    digest: 'sha256:f938499d460adfbbb25c8f846e3b53d3c28753b2d5626cdc669f332d67c2ac24',
    format: 'spdx-json',
    packages: [...DEBIAN, 'pkg:pypi/requests@2.31.0', 'pkg:pypi/urllib3@1.26.16', 'pkg:pypi/jinja2@3.1.2'],
  },
  {
    name: 'shop/invoice-renderer:2.0.4',
    digest: 'sha256:23417a31e12068df915d146790cd0f689950360988ca39ed6980041c24e52bd9',
    format: 'spdx-json',
    packages: [...DEBIAN, 'pkg:gem/rails@7.0.4', 'pkg:gem/nokogiri@1.15.2'],
  },
  {
    name: 'shop/mailings:1.3.0',
    digest: 'sha256:fd9c34ef2c3cb2581ec49862cc056a80e008210310b025ed8f45289bcd9ec375',
    format: 'cyclonedx-xml',
    packages: [],
  },
  {
    name: 'shop/sitemap:1.4.0',
    digest: 'sha256:9a32ae31cb920e466755552cf2664b34d20066abe0df59f3a29be72a04580e35',
    format: 'spdx-json',
    packages: [...ALPINE, 'pkg:golang/stdlib@1.24.3', 'pkg:golang/golang.org/x/net@v0.33.0'],
  },
  {
    name: 'analytics/airflow:2.11.0-12',
    digest: 'sha256:7a11dd5f44477a78ecd1584473b5ceb8514466d208046ed713afdc8c5a00dcc1',
    format: 'spdx-json',
    packages: [...DEBIAN, ...PYTHON],
  },
  {
    name: 'analytics/dbt:1.10.9',
    digest: 'sha256:78a1746cd7f6354b795d676e7a25a5a5a07b1e6e13f7bffd23da6f402b9eb7eb',
    format: 'spdx-json',
    packages: [...DEBIAN, 'pkg:pypi/requests@2.31.0', 'pkg:pypi/urllib3@1.26.16', 'pkg:pypi/jinja2@3.1.2'],
  },
  {
    name: 'analytics/event-collector',
    digest: 'sha256:2e47cf0f6dffc4be6c9d9c7a6cb39871be7ef6d152066001eff912374a71b136',
    format: 'spdx-json',
    packages: [...ALPINE, ...GO],
  },
  {
    name: 'analytics/report-mailer:1.0.0',
    digest: 'sha256:77f2239bfd817526de98034fcbe1738a2fcaa7c25a787a8bbe9d725ab4af316b',
    format: 'spdx-json',
    packages: [...DEBIAN, 'pkg:pypi/requests@2.31.0', 'pkg:pypi/urllib3@1.26.16'],
  },
];
