import type { PackageRegistry } from './package-registry.ts';

/** Distributions: apt, dnf, yum, apk, zypper, pacman and the like. */
export const DISTRIBUTIONS: readonly PackageRegistry[] = [
  // https://wiki.debian.org/SourcesList
  {
    name: 'Debian (apt)',
    domains: ['debian.org', 'debian.net'],
  },
  // https://help.ubuntu.com/community/Repositories/Ubuntu
  {
    name: 'Ubuntu (apt)',
    domains: [
      'archive.ubuntu.com',
      'security.ubuntu.com',
      'ports.ubuntu.com',
      'esm.ubuntu.com',
      'ddebs.ubuntu.com',
      'old-releases.ubuntu.com',
      'archive.canonical.com',
      'launchpad.net',
      'launchpadcontent.net',
    ],
  },
  // https://www.kali.org/docs/general-use/kali-linux-sources-list-repositories/
  {
    name: 'Kali Linux (apt)',
    domains: ['kali.org'],
  },
  // https://wiki.alpinelinux.org/wiki/Repositories
  {
    name: 'Alpine (apk)',
    domains: ['alpinelinux.org'],
  },
  // https://edu.chainguard.dev/open-source/wolfi/overview/
  {
    name: 'Wolfi and Chainguard (apk)',
    domains: ['packages.wolfi.dev', 'apk.cgr.dev', 'virtualapk.cgr.dev', 'libraries.cgr.dev'],
  },
  // https://docs.fedoraproject.org/en-US/quick-docs/dnf/
  {
    name: 'Fedora and EPEL (dnf)',
    domains: ['fedoraproject.org', 'fedorapeople.org', 'copr.fedorainfracloud.org', 'rpmfusion.org'],
  },
  // https://wiki.centos.org/Download.html
  { name: 'CentOS (dnf)', domains: ['centos.org'] },
  // https://wiki.rockylinux.org/rocky/repo/
  {
    name: 'Rocky Linux (dnf)',
    domains: ['rockylinux.org'],
  },
  // https://wiki.almalinux.org/repos/AlmaLinux.html
  {
    name: 'AlmaLinux (dnf)',
    domains: ['almalinux.org'],
  },
  // https://access.redhat.com/solutions/65300
  {
    name: 'Red Hat (dnf)',
    domains: ['cdn.redhat.com', 'cdn-ubi.redhat.com', 'subscription.rhsm.redhat.com', 'aws.ce.redhat.com'],
  },
  // https://docs.oracle.com/en/operating-systems/oracle-linux/software-management/
  {
    name: 'Oracle Linux (dnf)',
    domains: ['yum.oracle.com', 'yum-*.oracle.com', 'linux.oracle.com'],
  },
  // https://documentation.suse.com/sles/15-SP6/html/SLES-all/cha-register-sle.html
  {
    name: 'openSUSE and SLES (zypper)',
    domains: [
      'opensuse.org',
      'updates.suse.com',
      'installer-updates.suse.com',
      'scc.suse.com',
      'susecloud.net',
    ],
  },
  // https://wiki.archlinux.org/title/Mirrors
  {
    name: 'Arch Linux (pacman)',
    domains: ['archlinux.org', 'pkgbuild.com'],
  },
  // https://wiki.gentoo.org/wiki/Mirrors
  { name: 'Gentoo (portage)', domains: ['gentoo.org'] },
  // https://docs.voidlinux.org/xbps/repositories/index.html
  {
    name: 'Void Linux (xbps)',
    domains: ['voidlinux.org'],
  },
  // https://nix.dev/manual/nix/stable/command-ref/conf-file
  {
    name: 'Nix',
    domains: ['nixos.org', 'cachix.org', 'determinate.systems', 'flakehub.com'],
  },
  // https://docs.brew.sh/Bottles
  { name: 'Homebrew', domains: ['brew.sh', 'ghcr.io'] },
  // https://snapcraft.io/docs/network-requirements
  {
    name: 'Snap',
    domains: ['snapcraft.io', 'snapcraftcontent.com'],
  },
  // https://docs.flathub.org/
  { name: 'Flathub', domains: ['flathub.org'] },
  // https://www.kernel.org/mirrors.html
  {
    name: 'Distribution mirrors',
    domains: [
      'kernel.org',
      'mirrors.aliyun.com',
      'mirrors.tuna.tsinghua.edu.cn',
      'pypi.tuna.tsinghua.edu.cn',
      'mirrors.ustc.edu.cn',
      'mirrors.cloud.tencent.com',
      'mirrors.huaweicloud.com',
      'repo.huaweicloud.com',
    ],
  },
];
