import type { PackageRegistry } from './package-registry.ts';

/** Java, .NET and what builds and installs them. */
export const JAVA: readonly PackageRegistry[] = [
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  {
    name: 'Maven Central',
    domains: [
      'repo.maven.apache.org',
      'maven.org',
      'repository.apache.org',
      'sonatype.org',
      'central.sonatype.com',
    ],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: "Google's copies of Maven Central",
    domains: ['maven-central*.storage.googleapis.com', 'maven-central*.storage-download.googleapis.com'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  {
    name: 'Gradle',
    domains: ['gradle.org', 'downloads.gradle-dn.com', 'api.foojay.io'],
  },
  // https://github.com/coursier/coursier/blob/HEAD/docs/pages/reference-repositories.md
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  // https://github.com/apache/maven-site/blob/HEAD/content/markdown/repositories/index.md
  // https://github.com/eclipse-paho/paho.mqtt.java/blob/HEAD/README.md
  // https://github.com/JetBrains/intellij-platform-gradle-plugin/blob/HEAD/build.gradle.kts
  // unconfirmed: repo.lightbend.com repo.akka.io maven.repository.redhat.com repository.mulesoft.org packages.atlassian.com maven.atlassian.com plugins.jetbrains.com maven.aliyun.com
  {
    name: 'Maven repositories of others',
    domains: [
      'maven.google.com',
      'maven.oracle.com',
      'repo.spring.io',
      'repo.grails.org',
      'jitpack.io',
      'clojars.org',
      'scala-sbt.org',
      'repo.typesafe.com',
      'repo.lightbend.com',
      'repo.akka.io',
      'maven.repository.redhat.com',
      'repository.jboss.org',
      'repository.mulesoft.org',
      'repo.eclipse.org',
      'download.eclipse.org',
      'packages.atlassian.com',
      'maven.atlassian.com',
      'packages.jetbrains.team',
      'maven.pkg.jetbrains.space',
      'cache-redirector.jetbrains.com',
      'download.jetbrains.com',
      'plugins.jetbrains.com',
      'maven.aliyun.com',
    ],
  },
  // https://github.com/adoptium/adoptium.net/blob/HEAD/content/asciidoc-pages/docs/faq/index.adoc
  {
    name: 'Eclipse Temurin (Adoptium)',
    domains: ['packages.adoptium.net', 'api.adoptium.net'],
  },
  // https://github.com/zulu-openjdk/zulu-openjdk/blob/HEAD/alpine/8u392-8.74/Dockerfile
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/bell-sw/Liberica/blob/HEAD/docker/repos/liberica-openjdk-rocky/README.md
  // unconfirmed: api.azul.com apt.bell-sw.com yum.bell-sw.com gds.oracle.com
  {
    name: 'Java of other vendors',
    domains: [
      'repos.azul.com',
      'cdn.azul.com',
      'api.azul.com',
      'apt.bell-sw.com',
      'yum.bell-sw.com',
      'download.bell-sw.com',
      'download.java.net',
      'download.oracle.com',
      'gds.oracle.com',
    ],
  },
  // https://github.com/sdkman/sdkman-cli/blob/HEAD/README.md
  { name: 'SDKMAN', domains: ['sdkman.io'] },
  // https://github.com/jdx/mise/blob/HEAD/README.md
  {
    name: 'mise',
    domains: ['mise.jdx.dev', 'mise.run'],
  },
  // https://github.com/NuGet/docs.microsoft.com-nuget/blob/HEAD/docs/policies/Ecosystem.md
  {
    name: 'NuGet',
    domains: ['nuget.org', 'myget.org'],
  },
  // https://github.com/MicrosoftDocs/PowerShell-Docs-PSGet/blob/HEAD/powershell-gallery/docs-conceptual/overview.md
  {
    name: 'PowerShell Gallery',
    domains: ['powershellgallery.com'],
  },
  // https://github.com/chocolatey/docs/blob/HEAD/src/content/docs/en-us/choco/setup.mdx
  {
    name: 'Chocolatey',
    domains: ['chocolatey.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/devcontainers/features/blob/HEAD/src/oryx/scripts/vendor/dotnet-install.sh
  {
    name: '.NET',
    domains: [
      'dot.net',
      'dotnetcli.azureedge.net',
      'dotnetbuilds.azureedge.net',
      'builds.dotnet.microsoft.com',
      'dotnetcli.blob.core.windows.net',
      'download.visualstudio.microsoft.com',
    ],
  },
];
