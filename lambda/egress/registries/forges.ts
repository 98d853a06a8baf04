import type { PackageRegistry } from './model.ts';

/** Source forges and archives of source code. */
export const FORGES: readonly PackageRegistry[] = [
  {
    name: 'GitHub',
    domains: ['github.com', 'githubusercontent.com', 'ghe.com'],
    source:
      'https://docs.github.com/en/get-started/using-github/allowing-access-to-githubs-services-from-a-restricted-network',
  },
  { name: 'GitLab', domains: ['gitlab.com'], source: 'https://docs.gitlab.com/user/gitlab_com/' },
  {
    name: 'Bitbucket',
    domains: ['bitbucket.org', 'bbuseruploads.s3*.amazonaws.com'],
    source:
      'https://support.atlassian.com/bitbucket-cloud/docs/what-are-the-bitbucket-cloud-ip-addresses-i-should-use-to-configure-my-corporate-firewall/',
  },
  {
    name: 'Azure Repos and Artifacts',
    domains: ['dev.azure.com', 'pkgs.visualstudio.com', 'vs-ssh.visualstudio.com'],
    source: 'https://learn.microsoft.com/en-us/azure/devops/organizations/security/allow-list-ip-url',
  },
  { name: 'Codeberg', domains: ['codeberg.org'], source: 'https://docs.codeberg.org/packages/' },
  {
    name: 'SourceForge',
    domains: ['sourceforge.net', 'sf.net'],
    source: 'https://sourceforge.net/p/forge/documentation/File%20Management/',
  },
  { name: 'sourcehut', domains: ['sr.ht'], source: 'https://man.sr.ht/git.sr.ht/' },
  { name: 'Gitee', domains: ['gitee.com'], source: 'https://gitee.com/help' },
  {
    name: 'Google Source',
    domains: ['googlesource.com', 'source.developers.google.com'],
    source: 'https://gerrit.googlesource.com/',
  },
  {
    name: 'GNOME and freedesktop.org',
    domains: ['gitlab.gnome.org', 'download.gnome.org', 'gitlab.freedesktop.org'],
    source: 'https://gitlab.freedesktop.org/',
  },
  {
    name: 'GNU and Savannah',
    domains: ['ftp.gnu.org', 'ftpmirror.gnu.org', 'savannah.gnu.org', 'nongnu.org'],
    source: 'https://www.gnu.org/prep/ftp.html',
  },
  {
    name: 'Apache downloads',
    domains: ['downloads.apache.org', 'dlcdn.apache.org', 'archive.apache.org'],
    source: 'https://infra.apache.org/release-download-pages.html',
  },
];
