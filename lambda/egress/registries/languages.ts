import type { PackageRegistry } from './model.ts';

/** Languages and what they install with. */
export const LANGUAGES: readonly PackageRegistry[] = [
  {
    name: 'PyPI (pip)',
    domains: ['pypi.org', 'pythonhosted.org', 'pypi.python.org', 'bootstrap.pypa.io', 'piwheels.org'],
    source: 'https://pip.pypa.io/en/stable/cli/pip_install/',
  },
  { name: 'Python', domains: ['www.python.org'], source: 'https://docs.python.org/3/using/unix.html' },
  { name: 'uv', domains: ['astral.sh'], source: 'https://docs.astral.sh/uv/getting-started/installation/' },
  {
    name: 'Poetry and pyenv',
    domains: ['install.python-poetry.org', 'pyenv.run'],
    source: 'https://python-poetry.org/docs/#installation',
  },
  { name: 'PyTorch', domains: ['download.pytorch.org'], source: 'https://pytorch.org/get-started/locally/' },
  {
    name: 'Conda',
    domains: ['anaconda.org', 'repo.anaconda.com', 'repo.continuum.io', 'prefix.dev', 'micro.mamba.pm'],
    source: 'https://docs.conda.io/projects/conda/en/stable/user-guide/configuration/settings.html',
  },
  {
    name: 'npm',
    domains: ['npmjs.org', 'npmjs.com', 'npmmirror.com', 'registry.npm.taobao.org'],
    source: 'https://docs.npmjs.com/cli/using-npm/registry',
  },
  { name: 'Yarn', domains: ['yarnpkg.com'], source: 'https://yarnpkg.com/configuration/yarnrc' },
  { name: 'pnpm', domains: ['get.pnpm.io'], source: 'https://pnpm.io/installation' },
  { name: 'Bun', domains: ['bun.sh', 'bun.com'], source: 'https://bun.sh/docs/installation' },
  {
    name: 'JSR and Deno',
    domains: ['jsr.io', 'deno.land', 'esm.sh'],
    source: 'https://docs.deno.com/runtime/fundamentals/modules/',
  },
  {
    name: 'npm CDNs',
    domains: ['unpkg.com', 'jsdelivr.net', 'skypack.dev', 'esm.run', 'jspm.io', 'cdnjs.cloudflare.com'],
    source: 'https://www.jsdelivr.com/documentation',
  },
  { name: 'Node.js', domains: ['nodejs.org', 'get.volta.sh'], source: 'https://nodejs.org/en/download' },
  {
    name: 'Browsers for Playwright and Cypress',
    domains: [
      'cdn.playwright.dev',
      'playwright.azureedge.net',
      'playwright.download.prss.microsoft.com',
      'download.cypress.io',
      'cdn.cypress.io',
    ],
    source: 'https://playwright.dev/docs/browsers',
  },
  {
    name: 'RubyGems',
    domains: ['rubygems.org', 'ruby-lang.org', 'gem.coop', 'get.rvm.io'],
    source: 'https://guides.rubygems.org/',
  },
  {
    name: 'Go modules',
    domains: ['golang.org', 'go.dev', 'goproxy.io', 'goproxy.cn', 'gopkg.in'],
    source: 'https://go.dev/ref/mod',
  },
  {
    name: 'crates.io (cargo)',
    domains: ['crates.io', 'rustup.rs', 'static.rust-lang.org'],
    source: 'https://doc.rust-lang.org/cargo/reference/registries.html',
  },
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
    source: 'https://getcomposer.org/doc/05-repositories.md',
  },
  {
    name: 'PECL and PEAR',
    domains: ['pecl.php.net', 'pear.php.net'],
    source: 'https://www.php.net/manual/en/install.pecl.php',
  },
  {
    name: 'WordPress plugins',
    domains: ['downloads.wordpress.org'],
    source: 'https://developer.wordpress.org/cli/commands/plugin/install/',
  },
  {
    name: 'CPAN',
    domains: ['cpan.org', 'metacpan.org', 'cpanmin.us'],
    source: 'https://www.cpan.org/modules/INSTALL.html',
  },
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
    source: 'https://cran.r-project.org/mirrors.html',
  },
  { name: 'Hex (Elixir, Erlang)', domains: ['hex.pm'], source: 'https://hex.pm/docs/usage' },
  {
    name: 'Erlang and Elixir',
    domains: ['packages.erlang-solutions.com', 'binaries*.erlang-solutions.com'],
    source: 'https://www.erlang-solutions.com/downloads/',
  },
  {
    name: 'Hackage and GHC',
    domains: ['hackage.haskell.org', 'downloads.haskell.org', 'get-ghcup.haskell.org', 'stackage.org'],
    source: 'https://www.haskell.org/downloads/',
  },
  { name: 'opam (OCaml)', domains: ['opam.ocaml.org'], source: 'https://opam.ocaml.org/doc/Usage.html' },
  {
    name: 'Julia',
    domains: [
      'pkg.julialang.org',
      'julialang-s3.julialang.org',
      'install.julialang.org',
      'storage.julialang.net',
    ],
    source: 'https://pkgdocs.julialang.org/v1/registries/',
  },
  {
    name: 'pub.dev (Dart)',
    domains: ['pub.dev', 'pub.dartlang.org'],
    source: 'https://dart.dev/tools/pub/cmd/pub-get',
  },
  {
    name: 'CocoaPods',
    domains: ['cocoapods.org'],
    source: 'https://guides.cocoapods.org/using/getting-started.html',
  },
  { name: 'Swift', domains: ['download.swift.org'], source: 'https://www.swift.org/install/linux/' },
  {
    name: 'LuaRocks',
    domains: ['luarocks.org'],
    source: 'https://github.com/luarocks/luarocks/blob/main/docs/config_file_format.md',
  },
  { name: 'CTAN', domains: ['ctan.org'], source: 'https://ctan.org/mirrors' },
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
    source: 'https://ziglang.org/download/',
  },
  { name: 'Emacs packages', domains: ['elpa.gnu.org', 'melpa.org'], source: 'https://elpa.gnu.org/' },
  {
    name: 'Bazel registry',
    domains: ['bcr.bazel.build', 'mirror.bazel.build', 'releases.bazel.build'],
    source: 'https://bazel.build/external/registry',
  },
  { name: 'Conan', domains: ['conan.io'], source: 'https://docs.conan.io/2/reference/commands/remote.html' },
  {
    name: 'Visual Studio Code extensions',
    domains: [
      'marketplace.visualstudio.com',
      'gallery.vsassets.io',
      'gallerycdn.vsassets.io',
      'update.code.visualstudio.com',
      'open-vsx.org',
    ],
    source: 'https://code.visualstudio.com/docs/setup/network',
  },
];
