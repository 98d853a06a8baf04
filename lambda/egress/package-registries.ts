/** Where packages, source code or installers can be fetched by anybody. */
export interface PackageRegistry {
  /** For people. */
  readonly name: string;
  /** Each stands for the domain itself and all names below it. */
  readonly domains: readonly string[];
}

/**
 * Public package registries, distribution mirrors and source forges, from each tool's own
 * documentation or default configuration. Only domains whose purpose this is: general object storage,
 * page hosting and container images (a running pod does not install those) are left out. The configuration adds others (`egress.packageRegistries`).
 */
export const PACKAGE_REGISTRIES: readonly PackageRegistry[] = [
  // Distributions: apt, dnf, yum, apk, zypper, pacman
  { name: 'Debian (apt)', domains: ['debian.org', 'debian.net'] },
  {
    name: 'Ubuntu (apt)',
    domains: [
      'archive.ubuntu.com',
      'security.ubuntu.com',
      'ports.ubuntu.com',
      'esm.ubuntu.com',
      'launchpad.net',
      'launchpadcontent.net',
    ],
  },
  { name: 'Alpine (apk)', domains: ['alpinelinux.org'] },
  { name: 'Wolfi and Chainguard (apk)', domains: ['packages.wolfi.dev', 'apk.cgr.dev'] },
  { name: 'Amazon Linux (dnf)', domains: ['amazonlinux.com'] },
  { name: 'Fedora and EPEL (dnf)', domains: ['fedoraproject.org', 'rpmfusion.org'] },
  { name: 'CentOS (dnf)', domains: ['centos.org'] },
  { name: 'Rocky Linux (dnf)', domains: ['rockylinux.org'] },
  { name: 'AlmaLinux (dnf)', domains: ['almalinux.org'] },
  {
    name: 'Red Hat (dnf)',
    domains: ['cdn.redhat.com', 'cdn-ubi.redhat.com', 'subscription.rhsm.redhat.com'],
  },
  { name: 'Oracle Linux (dnf)', domains: ['yum.oracle.com', 'linux.oracle.com'] },
  { name: 'openSUSE and SLES (zypper)', domains: ['opensuse.org', 'updates.suse.com', 'scc.suse.com'] },
  { name: 'Arch Linux (pacman)', domains: ['archlinux.org', 'pkgbuild.com'] },
  { name: 'Nix', domains: ['nixos.org'] },
  { name: 'Homebrew', domains: ['brew.sh'] },
  { name: 'Snap', domains: ['snapcraft.io', 'snapcraftcontent.com'] },
  { name: 'Flathub', domains: ['flathub.org'] },
  {
    name: 'Distribution mirrors',
    domains: [
      'mirrors.kernel.org',
      'mirrors.edge.kernel.org',
      'mirrors.aliyun.com',
      'mirrors.tuna.tsinghua.edu.cn',
    ],
  },
  // Vendors' package repositories
  { name: 'Packagecloud', domains: ['packagecloud.io'] },
  { name: 'Cloudsmith', domains: ['cloudsmith.io', 'cloudsmith.com'] },
  { name: 'JFrog', domains: ['jfrog.io', 'bintray.com'] },
  { name: 'NodeSource', domains: ['nodesource.com'] },
  { name: 'Microsoft packages', domains: ['packages.microsoft.com'] },
  { name: 'Google packages', domains: ['packages.cloud.google.com', 'dl.google.com'] },
  { name: 'Kubernetes packages', domains: ['pkgs.k8s.io', 'apt.kubernetes.io', 'yum.kubernetes.io'] },
  { name: 'Docker packages', domains: ['download.docker.com'] },
  { name: 'HashiCorp releases', domains: ['releases.hashicorp.com'] },
  { name: 'LLVM (apt)', domains: ['apt.llvm.org'] },
  {
    name: 'PostgreSQL packages',
    domains: ['apt.postgresql.org', 'yum.postgresql.org', 'download.postgresql.org'],
  },
  // Languages
  { name: 'PyPI (pip)', domains: ['pypi.org', 'pythonhosted.org', 'pypi.python.org', 'bootstrap.pypa.io'] },
  { name: 'Conda', domains: ['anaconda.org', 'repo.anaconda.com', 'repo.continuum.io', 'prefix.dev'] },
  { name: 'npm', domains: ['npmjs.org', 'npmjs.com', 'npmmirror.com', 'registry.npm.taobao.org'] },
  { name: 'Yarn', domains: ['yarnpkg.com'] },
  { name: 'JSR and Deno', domains: ['jsr.io', 'deno.land', 'esm.sh'] },
  { name: 'npm CDNs', domains: ['unpkg.com', 'jsdelivr.net', 'skypack.dev'] },
  { name: 'Node.js', domains: ['nodejs.org'] },
  { name: 'RubyGems', domains: ['rubygems.org', 'ruby-lang.org'] },
  {
    name: 'Go modules',
    domains: ['golang.org', 'go.dev', 'goproxy.io', 'goproxy.cn', 'gopkg.in'],
  },
  { name: 'crates.io (cargo)', domains: ['crates.io', 'rustup.rs', 'static.rust-lang.org'] },
  {
    name: 'Maven and Gradle',
    domains: [
      'repo.maven.apache.org',
      'maven.org',
      'repository.apache.org',
      'sonatype.org',
      'central.sonatype.com',
      'maven.google.com',
      'gradle.org',
      'repo.spring.io',
      'jitpack.io',
      'repo.clojars.org',
      'scala-sbt.org',
    ],
  },
  {
    name: 'NuGet',
    domains: ['nuget.org', 'powershellgallery.com', 'dotnetcli.azureedge.net', 'builds.dotnet.microsoft.com'],
  },
  { name: 'Packagist (composer)', domains: ['packagist.org', 'packagist.com', 'getcomposer.org'] },
  { name: 'CPAN', domains: ['cpan.org', 'metacpan.org'] },
  {
    name: 'CRAN',
    domains: ['r-project.org', 'cran.rstudio.com', 'packagemanager.posit.co', 'bioconductor.org'],
  },
  { name: 'Hex (Elixir, Erlang)', domains: ['hex.pm'] },
  { name: 'Hackage and GHC', domains: ['hackage.haskell.org', 'downloads.haskell.org', 'stackage.org'] },
  { name: 'opam (OCaml)', domains: ['opam.ocaml.org'] },
  { name: 'Julia', domains: ['pkg.julialang.org', 'julialang-s3.julialang.org'] },
  { name: 'pub.dev (Dart)', domains: ['pub.dev', 'pub.dartlang.org'] },
  { name: 'CocoaPods and Swift', domains: ['cocoapods.org', 'download.swift.org'] },
  { name: 'LuaRocks', domains: ['luarocks.org'] },
  { name: 'CTAN', domains: ['ctan.org'] },
  { name: 'Bazel registry', domains: ['bcr.bazel.build', 'mirror.bazel.build'] },
  // Source forges
  { name: 'GitHub', domains: ['github.com', 'githubusercontent.com'] },
  { name: 'GitLab', domains: ['gitlab.com'] },
  { name: 'Bitbucket', domains: ['bitbucket.org'] },
  { name: 'Codeberg', domains: ['codeberg.org'] },
  { name: 'SourceForge', domains: ['sourceforge.net', 'sf.net'] },
  { name: 'sourcehut', domains: ['sr.ht'] },
  { name: 'Gitee', domains: ['gitee.com'] },
  {
    name: 'GNU and Savannah',
    domains: ['ftp.gnu.org', 'ftpmirror.gnu.org', 'savannah.gnu.org', 'nongnu.org'],
  },
  { name: 'Apache downloads', domains: ['downloads.apache.org', 'dlcdn.apache.org', 'archive.apache.org'] },
];

/** Domain suffixes of all of them, sorted. */
export const PACKAGE_REGISTRY_SUFFIXES: readonly string[] = [
  ...new Set(PACKAGE_REGISTRIES.flatMap(({ domains }) => domains)),
].sort();
