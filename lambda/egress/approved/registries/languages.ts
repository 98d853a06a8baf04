import type { PackageRegistry } from './package-registry.ts';

/** Languages and what they install with. */
export const LANGUAGES: readonly PackageRegistry[] = [
  // https://pip.pypa.io/en/stable/cli/pip_install/
  {
    name: 'PyPI (pip)',
    domains: ['pypi.org', 'pythonhosted.org', 'pypi.python.org', 'bootstrap.pypa.io', 'piwheels.org'],
  },
  // https://docs.python.org/3/using/unix.html
  { name: 'Python', domains: ['www.python.org'] },
  // https://docs.astral.sh/uv/getting-started/installation/
  { name: 'uv', domains: ['astral.sh'] },
  // https://python-poetry.org/docs/#installation
  {
    name: 'Poetry and pyenv',
    domains: ['install.python-poetry.org', 'pyenv.run'],
  },
  // https://pytorch.org/get-started/locally/
  { name: 'PyTorch', domains: ['download.pytorch.org'] },
  // https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html
  {
    name: 'Conda',
    domains: ['anaconda.org', 'repo.anaconda.com', 'repo.continuum.io', 'prefix.dev', 'micro.mamba.pm'],
  },
  // https://docs.npmjs.com/cli/using-npm/registry
  {
    name: 'npm',
    domains: ['npmjs.org', 'npmjs.com', 'npmmirror.com', 'registry.npm.taobao.org'],
  },
  // https://yarnpkg.com/configuration/yarnrc
  { name: 'Yarn', domains: ['yarnpkg.com'] },
  // https://pnpm.io/installation
  { name: 'pnpm', domains: ['get.pnpm.io'] },
  // https://bun.sh/docs/installation
  { name: 'Bun', domains: ['bun.sh', 'bun.com'] },
  // https://docs.deno.com/runtime/fundamentals/modules/
  {
    name: 'JSR and Deno',
    domains: ['jsr.io', 'deno.land', 'esm.sh'],
  },
  // https://www.jsdelivr.com/documentation
  {
    name: 'npm CDNs',
    domains: ['unpkg.com', 'jsdelivr.net', 'skypack.dev', 'esm.run', 'jspm.io', 'cdnjs.cloudflare.com'],
  },
  // https://nodejs.org/en/download
  { name: 'Node.js', domains: ['nodejs.org', 'get.volta.sh'] },
  // https://playwright.dev/docs/browsers
  {
    name: 'Browsers for Playwright and Cypress',
    domains: [
      'cdn.playwright.dev',
      'playwright.azureedge.net',
      'playwright.download.prss.microsoft.com',
      'download.cypress.io',
      'cdn.cypress.io',
    ],
  },
  // https://guides.rubygems.org/
  {
    name: 'RubyGems',
    domains: ['rubygems.org', 'ruby-lang.org', 'gem.coop', 'get.rvm.io'],
  },
  // https://go.dev/ref/mod
  {
    name: 'Go modules',
    domains: ['golang.org', 'go.dev', 'goproxy.io', 'goproxy.cn', 'gopkg.in'],
  },
  // https://doc.rust-lang.org/cargo/reference/registries.html
  {
    name: 'crates.io (cargo)',
    domains: ['crates.io', 'rustup.rs', 'static.rust-lang.org'],
  },
  // https://getcomposer.org/doc/05-repositories.md
  {
    name: 'Packagist (composer)',
    domains: [
      'packagist.org',
      'packagist.com',
      'getcomposer.org',
      'wpackagist.org',
      'asset-packagist.org',
      'repo.magento.com',
      'packages.drupal.org',
    ],
  },
  // https://www.php.net/manual/en/install.pecl.php
  {
    name: 'PECL and PEAR',
    domains: ['pecl.php.net', 'pear.php.net'],
  },
  // https://developer.wordpress.org/cli/commands/plugin/install/
  {
    name: 'WordPress plugins',
    domains: ['downloads.wordpress.org'],
  },
  // https://www.cpan.org/modules/INSTALL.html
  {
    name: 'CPAN',
    domains: ['cpan.org', 'metacpan.org', 'cpanmin.us'],
  },
  // https://cran.r-project.org/mirrors.html
  {
    name: 'CRAN and Bioconductor',
    domains: [
      'r-project.org',
      'cran.rstudio.com',
      'packagemanager.posit.co',
      'packagemanager.rstudio.com',
      'r-universe.dev',
      'bioconductor.org',
    ],
  },
  // https://hex.pm/docs/usage
  { name: 'Hex (Elixir, Erlang)', domains: ['hex.pm'] },
  // https://www.erlang-solutions.com/downloads/
  {
    name: 'Erlang and Elixir',
    domains: ['packages.erlang-solutions.com', 'binaries*.erlang-solutions.com'],
  },
  // https://www.haskell.org/downloads/
  {
    name: 'Hackage and GHC',
    domains: ['hackage.haskell.org', 'downloads.haskell.org', 'get-ghcup.haskell.org', 'stackage.org'],
  },
  // https://opam.ocaml.org/doc/Usage.html
  { name: 'opam (OCaml)', domains: ['opam.ocaml.org'] },
  // https://pkgdocs.julialang.org/v1/registries/
  {
    name: 'Julia',
    domains: [
      'pkg.julialang.org',
      'julialang-s3.julialang.org',
      'install.julialang.org',
      'storage.julialang.net',
    ],
  },
  // https://dart.dev/tools/pub/cmd/pub-get
  {
    name: 'pub.dev (Dart)',
    domains: ['pub.dev', 'pub.dartlang.org'],
  },
  // https://guides.cocoapods.org/using/getting-started.html
  {
    name: 'CocoaPods',
    domains: ['cocoapods.org'],
  },
  // https://www.swift.org/install/linux/
  { name: 'Swift', domains: ['download.swift.org'] },
  // https://github.com/luarocks/luarocks/blob/main/docs/config_file_format.md
  {
    name: 'LuaRocks',
    domains: ['luarocks.org'],
  },
  // https://ctan.org/mirrors
  { name: 'CTAN', domains: ['ctan.org'] },
  // https://ziglang.org/download/
  {
    name: 'Zig, Nim, D, Racket and Elm',
    domains: [
      'ziglang.org',
      'nim-lang.org',
      'code.dlang.org',
      'downloads.dlang.org',
      'pkgs.racket-lang.org',
      'download.racket-lang.org',
      'package.elm-lang.org',
    ],
  },
  // https://elpa.gnu.org/
  { name: 'Emacs packages', domains: ['elpa.gnu.org', 'melpa.org'] },
  // https://bazel.build/external/registry
  {
    name: 'Bazel registry',
    domains: ['bcr.bazel.build', 'mirror.bazel.build', 'releases.bazel.build'],
  },
  // https://docs.conan.io/2/reference/commands/remote.html
  { name: 'Conan', domains: ['conan.io'] },
  // https://code.visualstudio.com/docs/setup/network
  {
    name: 'Visual Studio Code extensions',
    domains: [
      'marketplace.visualstudio.com',
      'gallery.vsassets.io',
      'gallerycdn.vsassets.io',
      'update.code.visualstudio.com',
      'open-vsx.org',
    ],
  },
];
