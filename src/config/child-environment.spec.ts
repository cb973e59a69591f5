import { childEnvironment } from './child-environment.js';

describe('[S6] childEnvironment', () => {
  it.each([
    ...['PATH', 'HOME', 'https_proxy', 'NO_PROXY', 'npm_config_cache', 'npm_config_registry', 'npm_config_//registry.example/:always'],
    ...['npm_config_keyfile', 'NPM_CONFIG_USERCONFIG', 'UV_CACHE_DIR', 'UV_INDEX_URL', 'UV_KEYRING_PROVIDER', 'uv_offline'],
  ])('passes %s on', (name) => {
    expect(childEnvironment({}, { [name]: 'x' })).toEqual({ [name]: 'x' });
  });

  it.each([
    ...['npm_config_//registry.npmjs.org/:_authToken', 'npm_config_//r.example/:_password', 'npm_config__auth', 'npm_config__authToken'],
    ...['NPM_CONFIG__AUTH', 'npm_config__password', 'npm_config_otp', 'npm_config_key', 'npm_config_//r.example/:_key'],
    ...['UV_PUBLISH_TOKEN', 'UV_PUBLISH_PASSWORD', 'UV_INDEX_COMPANY_PASSWORD', 'AWS_SECRET_ACCESS_KEY', 'MY_PATH', 'NODE_OPTIONS'],
  ])('keeps %s back, but for a server whose own it is', (name) => {
    expect(childEnvironment({}, { [name]: 'x' })).toEqual({});
    expect(childEnvironment({ [name]: 'own' }, { [name]: 'x' })).toEqual({ [name]: 'own' });
  });
});
