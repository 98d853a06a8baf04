import type { PackageRegistry } from './package-registry.ts';

/** Languages and what they install with. */
export const LANGUAGES: readonly PackageRegistry[] = [
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/piwheels/piwheels/blob/HEAD/README.rst
  {
    name: 'PyPI (pip)',
    domains: ['pypi.org', 'pythonhosted.org', 'pypi.python.org', 'bootstrap.pypa.io', 'piwheels.org'],
  },
  // https://github.com/pypa/pip/blob/HEAD/docs/html/installation.md
  { name: 'Python', domains: ['www.python.org'] },
  // https://github.com/astral-sh/uv/blob/HEAD/README.md
  { name: 'uv', domains: ['astral.sh'] },
  // https://github.com/python-poetry/install.python-poetry.org/blob/HEAD/README.md
  // https://github.com/pyenv/pyenv-installer/blob/HEAD/README.rst
  {
    name: 'Poetry and pyenv',
    domains: ['install.python-poetry.org', 'pyenv.run'],
  },
  // https://github.com/astral-sh/uv/blob/HEAD/docs/guides/integration/pytorch.md
  { name: 'PyTorch', domains: ['download.pytorch.org'] },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/prefix-dev/pixi/blob/HEAD/README.md
  // https://github.com/mamba-org/mamba/blob/HEAD/docs/source/installation/micromamba-installation.rst
  // https://github.com/prefix-dev/pixi/blob/HEAD/docs/build/backends/pixi-build-mojo.md
  {
    name: 'Conda',
    domains: [
      'anaconda.org',
      'repo.anaconda.com',
      'repo.continuum.io',
      'binstar.org',
      'conda.modular.com',
      'prefix.dev',
      'micro.mamba.pm',
    ],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/pnpm/pnpm.io/blob/HEAD/docs/settings/cli.md
  // unconfirmed: registry.npm.taobao.org
  {
    name: 'npm',
    domains: ['npmjs.org', 'npmjs.com', 'npmmirror.com', 'registry.npm.taobao.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  { name: 'Bower', domains: ['registry.bower.io'] },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  { name: 'Prisma engines', domains: ['binaries.prisma.sh'] },
  // https://github.com/huggingface/hub-docs/blob/HEAD/docs/hub/api.md
  // https://github.com/huggingface/hub-docs/blob/HEAD/docs/xet/auth.md
  {
    name: 'Hugging Face (models, and the code that comes with them)',
    domains: ['huggingface.co', 'hf.co'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  { name: 'Yarn', domains: ['yarnpkg.com'] },
  // https://github.com/pnpm/pnpm.io/blob/HEAD/docs/installation.md
  { name: 'pnpm', domains: ['get.pnpm.io'] },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/chainguard-dev/edu/blob/HEAD/content/chainguard/libraries/javascript/build-configuration.md
  { name: 'Bun', domains: ['bun.sh', 'bun.com'] },
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'JSR and Deno',
    domains: ['jsr.io', 'deno.land', 'esm.sh'],
  },
  // https://github.com/jsdelivr/www.jsdelivr.com/blob/HEAD/src/views/pages/esm.html
  // https://github.com/huggingface/hub-docs/blob/HEAD/docs/hub/spaces-sdks-python.md
  // unconfirmed: jspm.io
  {
    name: 'npm CDNs',
    domains: ['unpkg.com', 'jsdelivr.net', 'skypack.dev', 'esm.run', 'jspm.io', 'cdnjs.cloudflare.com'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/volta-cli/volta/blob/HEAD/dev/unix/boot-install.sh
  { name: 'Node.js', domains: ['nodejs.org', 'get.volta.sh'] },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/cypress-io/cypress-documentation/blob/HEAD/docs/app/faq.mdx
  // https://github.com/cypress-io/cypress-documentation/blob/HEAD/docs/ui-coverage/faq.mdx
  {
    name: 'Browsers for Playwright and Cypress',
    domains: [
      'cdn.playwright.dev',
      'playwright.azureedge.net',
      'playwright-akamai.azureedge.net',
      'playwright-verizon.azureedge.net',
      'playwright.download.prss.microsoft.com',
      'download.cypress.io',
      'cdn.cypress.io',
    ],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/gem-coop/gem.coop/blob/HEAD/README.md
  {
    name: 'RubyGems',
    domains: [
      'rubygems.org',
      'ruby-lang.org',
      'gems.rubyforge.org',
      'gems.rubyonrails.org',
      'gem.coop',
      'rvm.io',
    ],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/goproxy/goproxy.cn/blob/HEAD/README.md
  // https://github.com/golang/website/blob/HEAD/_content/ref/mod.md
  {
    name: 'Go modules',
    domains: ['golang.org', 'go.dev', 'golang.google.cn', 'goproxy.io', 'goproxy.cn', 'gopkg.in'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'crates.io (cargo)',
    domains: ['crates.io', 'rustup.rs', 'static.rust-lang.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/composer/composer/blob/HEAD/README.md
  // https://github.com/drupal/recommended-project/blob/HEAD/composer.json
  // unconfirmed: wpackagist.org repo.magento.com
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
  // https://github.com/php/web-pecl/blob/HEAD/README.md
  {
    name: 'PECL and PEAR',
    domains: ['pecl.php.net', 'pear.php.net'],
  },
  // https://github.com/wp-cli/core-command/blob/HEAD/README.md
  {
    name: 'WordPress plugins',
    domains: ['downloads.wordpress.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/NixOS/nixpkgs/blob/HEAD/pkgs/build-support/fetchurl/mirrors.nix
  // https://github.com/miyagawa/cpanminus/blob/HEAD/App-cpanminus/README.md
  {
    name: 'CPAN',
    domains: ['cpan.org', 'cpan.perl.org', 'backpan.perl.org', 'metacpan.org', 'cpanmin.us'],
  },
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  // https://github.com/rocker-org/rocker-versioned2/blob/HEAD/README.md
  // https://github.com/rocker-org/rocker-versioned2/blob/HEAD/dockerfiles/r-ver_4.5.3.Dockerfile
  // https://github.com/r-lib/pak/blob/HEAD/R/system-requirements.R
  // https://github.com/r-lib/pak/blob/HEAD/src/library/pkgcache/R/platform.R
  // https://github.com/r-lib/pak/blob/HEAD/src/library/curl/R/onload.R
  {
    name: 'CRAN and Bioconductor',
    domains: [
      'r-project.org',
      'cran.rstudio.com',
      'packagemanager.posit.co',
      'p3m.dev',
      'packagemanager.rstudio.com',
      'r-universe.dev',
      'bioconductor.org',
    ],
  },
  // https://github.com/hexpm/hex/blob/HEAD/README.md
  { name: 'Hex (Elixir, Erlang)', domains: ['hex.pm'] },
  // https://github.com/rabbitmq/rabbitmq-website/blob/HEAD/versioned_docs/version-3.13/which-erlang.md
  // unconfirmed: binaries*.erlang-solutions.com
  {
    name: 'Erlang and Elixir',
    domains: ['packages.erlang-solutions.com', 'binaries*.erlang-solutions.com'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  // https://github.com/docker-library/docs/blob/HEAD/haskell/README.md
  {
    name: 'Hackage and GHC',
    domains: ['hackage.haskell.org', 'downloads.haskell.org', 'get-ghcup.haskell.org', 'stackage.org'],
  },
  // https://github.com/ocaml/opam/blob/HEAD/README.md
  { name: 'opam (OCaml)', domains: ['opam.ocaml.org'] },
  // https://github.com/JuliaLang/juliaup/blob/HEAD/README.md
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  {
    name: 'Julia',
    domains: [
      'pkg.julialang.org',
      'julialang-s3.julialang.org',
      'install.julialang.org',
      'storage.julialang.net',
    ],
  },
  // https://github.com/dart-lang/pub/blob/HEAD/doc/cache_layout.md
  {
    name: 'pub.dev (Dart)',
    domains: ['pub.dev', 'pub.dartlang.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  {
    name: 'CocoaPods',
    domains: ['cocoapods.org'],
  },
  // https://github.com/github/docs/blob/HEAD/content/copilot/reference/copilot-allowlist-reference.md
  { name: 'Swift', domains: ['download.swift.org'] },
  // https://github.com/luarocks/luarocks/blob/HEAD/README.md
  {
    name: 'LuaRocks',
    domains: ['luarocks.org'],
  },
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  { name: 'CTAN and MiKTeX', domains: ['ctan.org', 'tug.org', 'packages.miktex.org'] },
  // https://github.com/ziglang/www.ziglang.org/blob/HEAD/README.md
  // https://github.com/nim-lang/nimble/blob/HEAD/nimble-guide/docs/index.md
  // https://github.com/dlang/dub/blob/HEAD/README.md
  // https://github.com/dlang/installer/blob/HEAD/README.md
  // https://github.com/elm/compiler/blob/HEAD/docs/elm.json/package.md
  // unconfirmed: pkgs.racket-lang.org download.racket-lang.org
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
  // https://github.com/leanprover/elan/blob/HEAD/README.md
  // https://github.com/leanprover/elan/blob/HEAD/src/elan-dist/src/manifestation.rs
  { name: 'Lean', domains: ['elan.lean-lang.org', 'release.lean-lang.org'] },
  // https://github.com/melpa/melpa/blob/HEAD/README.md
  // unconfirmed: elpa.gnu.org
  { name: 'Emacs packages', domains: ['elpa.gnu.org', 'melpa.org'] },
  // https://github.com/bazelbuild/bazel/blob/HEAD/site/en/external/registry.md
  // https://github.com/github/gh-aw/blob/HEAD/pkg/workflow/data/ecosystem_domains.json
  {
    name: 'Bazel registry',
    domains: ['bcr.bazel.build', 'mirror.bazel.build', 'releases.bazel.build'],
  },
  // https://github.com/conan-io/docs/blob/HEAD/README.md
  { name: 'Conan', domains: ['conan.io'] },
  // https://github.com/microsoft/vscode-docs/blob/HEAD/docs/setup/network.md
  // https://github.com/eclipse/openvsx/blob/HEAD/README.md
  {
    name: 'Visual Studio Code extensions',
    domains: [
      'marketplace.visualstudio.com',
      'gallery.vsassets.io',
      'gallerycdn.vsassets.io',
      'vscode-unpkg.net',
      'vscode.download.prss.microsoft.com',
      'update.code.visualstudio.com',
      'open-vsx.org',
    ],
  },
];
