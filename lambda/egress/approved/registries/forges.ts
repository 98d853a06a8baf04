import type { PackageRegistry } from './package-registry.ts';

/** Source forges and archives of source code. */
export const FORGES: readonly PackageRegistry[] = [
  // https://docs.github.com/en/get-started/using-github/allowing-access-to-githubs-services-from-a-restricted-network
  {
    name: 'GitHub',
    domains: ['github.com', 'githubusercontent.com', 'ghe.com'],
  },
  // https://docs.gitlab.com/user/gitlab_com/
  { name: 'GitLab', domains: ['gitlab.com'] },
  // https://support.atlassian.com/bitbucket-cloud/docs/what-are-the-bitbucket-cloud-ip-addresses-i-should-use-to-configure-my-corporate-firewall/
  {
    name: 'Bitbucket',
    domains: ['bitbucket.org', 'bbuseruploads.s3*.amazonaws.com'],
  },
  // https://learn.microsoft.com/en-us/azure/devops/organizations/security/allow-list-ip-url
  {
    name: 'Azure Repos and Artifacts',
    domains: ['dev.azure.com', 'pkgs.visualstudio.com', 'vs-ssh.visualstudio.com'],
  },
  // https://docs.codeberg.org/packages/
  { name: 'Codeberg', domains: ['codeberg.org'] },
  // https://sourceforge.net/p/forge/documentation/File%20Management/
  {
    name: 'SourceForge',
    domains: ['sourceforge.net', 'sf.net'],
  },
  // https://man.sr.ht/git.sr.ht/
  { name: 'sourcehut', domains: ['sr.ht'] },
  // https://gitee.com/help
  { name: 'Gitee', domains: ['gitee.com'] },
  // https://gerrit.googlesource.com/
  {
    name: 'Google Source',
    domains: ['googlesource.com', 'source.developers.google.com'],
  },
  // https://gitlab.freedesktop.org/
  {
    name: 'GNOME and freedesktop.org',
    domains: ['gitlab.gnome.org', 'download.gnome.org', 'gitlab.freedesktop.org'],
  },
  // https://www.gnu.org/prep/ftp.html
  {
    name: 'GNU and Savannah',
    domains: ['ftp.gnu.org', 'ftpmirror.gnu.org', 'savannah.gnu.org', 'nongnu.org'],
  },
  // https://infra.apache.org/release-download-pages.html
  {
    name: 'Apache downloads',
    domains: ['downloads.apache.org', 'dlcdn.apache.org', 'archive.apache.org'],
  },
];
