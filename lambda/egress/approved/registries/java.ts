import type { PackageRegistry } from './package-registry.ts';

/** Java, .NET and what builds and installs them. */
export const JAVA: readonly PackageRegistry[] = [
  // https://central.sonatype.org/consume/consume-maven/
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
  // https://storage-download.googleapis.com/maven-central/index.html
  {
    name: "Google's copies of Maven Central",
    domains: ['maven-central*.storage.googleapis.com', 'maven-central*.storage-download.googleapis.com'],
  },
  // https://docs.gradle.org/current/userguide/gradle_wrapper.html
  {
    name: 'Gradle',
    domains: ['gradle.org'],
  },
  // https://maven.apache.org/guides/introduction/introduction-to-repositories.html
  {
    name: 'Maven repositories of others',
    domains: [
      'maven.google.com',
      'repo.spring.io',
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
      'cache-redirector.jetbrains.com',
      'download.jetbrains.com',
      'plugins.jetbrains.com',
      'maven.aliyun.com',
    ],
  },
  // https://adoptium.net/installation/linux
  {
    name: 'Eclipse Temurin (Adoptium)',
    domains: ['packages.adoptium.net', 'api.adoptium.net'],
  },
  // https://docs.azul.com/core/install/debian
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
  // https://sdkman.io/install
  { name: 'SDKMAN', domains: ['sdkman.io'] },
  // https://mise.jdx.dev/installing-mise.html
  {
    name: 'mise',
    domains: ['mise.jdx.dev', 'mise.run'],
  },
  // https://learn.microsoft.com/en-us/nuget/nuget-org/overview-nuget-org
  {
    name: 'NuGet',
    domains: ['nuget.org', 'myget.org'],
  },
  // https://learn.microsoft.com/en-us/powershell/gallery/overview
  {
    name: 'PowerShell Gallery',
    domains: ['powershellgallery.com'],
  },
  // https://docs.chocolatey.org/en-us/choco/setup/
  {
    name: 'Chocolatey',
    domains: ['chocolatey.org'],
  },
  // https://learn.microsoft.com/en-us/dotnet/core/tools/dotnet-install-script
  {
    name: '.NET',
    domains: [
      'dot.net',
      'dotnetcli.azureedge.net',
      'dotnetbuilds.azureedge.net',
      'builds.dotnet.microsoft.com',
    ],
  },
];
