import type { PackageRegistry } from './package-registry.ts';

/** Source forges and archives of source code. */
export const FORGES: readonly PackageRegistry[] = [
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'GitHub',
    domains: ['github.com', 'githubusercontent.com', 'ghe.com', 'github-cloud.s3*.amazonaws.com'],
  },
  // https://docs.gitlab.com/user/gitlab_com/
  // unconfirmed: gitlab.com
  { name: 'GitLab', domains: ['gitlab.com'] },
  // https://github.com/composer/composer/blob/HEAD/doc/06-config.md
  // unconfirmed: bbuseruploads.s3*.amazonaws.com
  {
    name: 'Bitbucket',
    domains: ['bitbucket.org', 'bbuseruploads.s3*.amazonaws.com'],
  },
  // https://github.com/MicrosoftDocs/azure-devops-docs/blob/HEAD/docs/organizations/security/allow-list-ip-url.md
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  {
    name: 'Azure Repos and Artifacts',
    domains: ['dev.azure.com', 'pkgs.visualstudio.com', 'vs-ssh.visualstudio.com', 'vsblob.vsassets.io'],
  },
  // https://github.com/melpa/melpa/blob/HEAD/README.md
  { name: 'Codeberg', domains: ['codeberg.org'] },
  // https://github.com/NixOS/nixpkgs/blob/HEAD/pkgs/build-support/fetchurl/mirrors.nix
  // https://github.com/Homebrew/brew/blob/HEAD/docs/Formula-Cookbook.md
  {
    name: 'SourceForge',
    domains: ['sourceforge.net', 'sf.net'],
  },
  // https://github.com/melpa/melpa/blob/HEAD/README.md
  { name: 'sourcehut', domains: ['sr.ht'] },
  // https://github.com/goproxy/goproxy.cn/blob/HEAD/templates/stats.html
  { name: 'Gitee', domains: ['gitee.com'] },
  // https://github.com/golang/website/blob/HEAD/README.md
  // unconfirmed: source.developers.google.com
  {
    name: 'Google Source',
    domains: ['googlesource.com', 'source.developers.google.com'],
  },
  // https://github.com/flatpak/flatpak-docs/blob/HEAD/docs/electron.rst
  // https://github.com/flatpak/flatpak-docs/blob/HEAD/docs/manifests.rst
  // https://github.com/NixOS/nixpkgs/blob/HEAD/pkgs/build-support/fetchurl/mirrors.nix
  {
    name: 'GNOME and freedesktop.org',
    domains: ['gitlab.gnome.org', 'download.gnome.org', 'gitlab.freedesktop.org'],
  },
  // https://github.com/NixOS/nixpkgs/blob/HEAD/pkgs/build-support/fetchurl/mirrors.nix
  // https://github.com/melpa/melpa/blob/HEAD/README.md
  // https://github.com/Homebrew/brew/blob/HEAD/Library/Homebrew/formula_auditor.rb
  {
    name: 'GNU and Savannah',
    domains: ['ftp.gnu.org', 'ftpmirror.gnu.org', 'savannah.gnu.org', 'nongnu.org'],
  },
  // https://github.com/apache/infrastructure-website/blob/HEAD/content/pages/release-publishing.md
  {
    name: 'Apache downloads',
    domains: ['downloads.apache.org', 'dlcdn.apache.org', 'archive.apache.org'],
  },
];
