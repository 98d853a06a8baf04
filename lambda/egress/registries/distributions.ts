import type { PackageRegistry } from './model.ts';

/** Distributions: apt, dnf, yum, apk, zypper, pacman and the like. */
export const DISTRIBUTIONS: readonly PackageRegistry[] = [
  {
    name: 'Debian (apt)',
    domains: ['debian.org', 'debian.net'],
    source: 'https://wiki.debian.org/SourcesList',
  },
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
    source: 'https://help.ubuntu.com/community/Repositories/Ubuntu',
  },
  {
    name: 'Kali Linux (apt)',
    domains: ['kali.org'],
    source: 'https://www.kali.org/docs/general-use/kali-linux-sources-list-repositories/',
  },
  {
    name: 'Alpine (apk)',
    domains: ['alpinelinux.org'],
    source: 'https://wiki.alpinelinux.org/wiki/Repositories',
  },
  {
    name: 'Wolfi and Chainguard (apk)',
    domains: ['packages.wolfi.dev', 'apk.cgr.dev', 'virtualapk.cgr.dev', 'libraries.cgr.dev'],
    source: 'https://edu.chainguard.dev/open-source/wolfi/overview/',
  },
  {
    name: 'Fedora and EPEL (dnf)',
    domains: ['fedoraproject.org', 'fedorapeople.org', 'copr.fedorainfracloud.org', 'rpmfusion.org'],
    source: 'https://docs.fedoraproject.org/en-US/quick-docs/dnf/',
  },
  { name: 'CentOS (dnf)', domains: ['centos.org'], source: 'https://wiki.centos.org/Download.html' },
  {
    name: 'Rocky Linux (dnf)',
    domains: ['rockylinux.org'],
    source: 'https://wiki.rockylinux.org/rocky/repo/',
  },
  {
    name: 'AlmaLinux (dnf)',
    domains: ['almalinux.org'],
    source: 'https://wiki.almalinux.org/repos/AlmaLinux.html',
  },
  {
    name: 'Red Hat (dnf)',
    domains: ['cdn.redhat.com', 'cdn-ubi.redhat.com', 'subscription.rhsm.redhat.com', 'aws.ce.redhat.com'],
    source: 'https://access.redhat.com/solutions/65300',
  },
  {
    name: 'Oracle Linux (dnf)',
    domains: ['yum.oracle.com', 'yum-*.oracle.com', 'linux.oracle.com'],
    source: 'https://docs.oracle.com/en/operating-systems/oracle-linux/software-management/',
  },
  {
    name: 'openSUSE and SLES (zypper)',
    domains: [
      'opensuse.org',
      'updates.suse.com',
      'installer-updates.suse.com',
      'scc.suse.com',
      'susecloud.net',
    ],
    source: 'https://documentation.suse.com/sles/15-SP6/html/SLES-all/cha-register-sle.html',
  },
  {
    name: 'Arch Linux (pacman)',
    domains: ['archlinux.org', 'pkgbuild.com'],
    source: 'https://wiki.archlinux.org/title/Mirrors',
  },
  { name: 'Gentoo (portage)', domains: ['gentoo.org'], source: 'https://wiki.gentoo.org/wiki/Mirrors' },
  {
    name: 'Void Linux (xbps)',
    domains: ['voidlinux.org'],
    source: 'https://docs.voidlinux.org/xbps/repositories/index.html',
  },
  {
    name: 'Nix',
    domains: ['nixos.org', 'cachix.org', 'determinate.systems', 'flakehub.com'],
    source: 'https://nix.dev/manual/nix/stable/command-ref/conf-file',
  },
  { name: 'Homebrew', domains: ['brew.sh', 'ghcr.io'], source: 'https://docs.brew.sh/Bottles' },
  {
    name: 'Snap',
    domains: ['snapcraft.io', 'snapcraftcontent.com'],
    source: 'https://snapcraft.io/docs/network-requirements',
  },
  { name: 'Flathub', domains: ['flathub.org'], source: 'https://docs.flathub.org/' },
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
    source: 'https://www.kernel.org/mirrors.html',
  },
];
