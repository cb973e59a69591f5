/** Variables that a child gets of the gateway's environment; everything else, secrets above all, stays here. */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'TERM',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];
const INHERITED_PATTERN = /^(https?|no|all)_proxy$|^npm_config_|^UV_/i;
/** Of those the tokens and passwords of registries: a server that needs one gets it by name, in its own `env`. */
const SECRET_PATTERN = /^(?:npm_config_|UV_).*(?:auth|token|passw|secret|credential|otp$)|^npm_config_(?:.*:_?)?key$/i;

/** The environment of a child: the inherited variables, and its own on top. */
export function childEnvironment(
  own: Readonly<Record<string, string>>,
  parent: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(parent)) {
    if (value !== undefined && isInherited(name)) environment[name] = value;
  }
  return { ...environment, ...own };
}

function isInherited(name: string): boolean {
  return INHERITED.includes(name) || (INHERITED_PATTERN.test(name) && !SECRET_PATTERN.test(name));
}
