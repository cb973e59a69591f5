import path from 'node:path';
import { CHART } from './chart.ts';

/** Values that must not be taken, and what Helm says then. */
export interface Refusal {
  readonly title: string;
  readonly flags: readonly string[];
  readonly says: RegExp;
}

const WITH_KEYS = ['--values', path.join(CHART, 'ci/keys-values.yaml')];

const refused = (title: string, assignment: string, says: RegExp): Refusal => ({
  title: `refused: ${title}`,
  flags: [...WITH_KEYS, '--set', assignment],
  says,
});

const SECRET = /would be readable in the (Deployment|ConfigMap)/;

/** Of the schema, and of what cannot be together. */
export const VALUE_REFUSALS: readonly Refusal[] = [
  {
    title: 'refused: nothing by which callers are known',
    flags: [],
    says: /set secrets\.API_KEYS .*existingSecret.*config\.ALLOW_ANONYMOUS=true/,
  },
  {
    title: 'refused: an existing Secret without keys of callers',
    flags: ['--set', 'existingSecret.name=one,existingSecret.keys={REDIS_URL}'],
    says: /set secrets\.API_KEYS /,
  },
  { title: 'refused: an older Kubernetes', flags: [...WITH_KEYS, '--kube-version', '1.26.0'], says: /requires kubeVersion/ },
  refused('a text as a number', 'replicaCount=two', /replicaCount.*got string, want integer/),
  refused('no replica', 'replicaCount=0', /replicaCount/),
  refused('a misspelt value', 'replicaCuont=2', /additional properties 'replicaCuont' not allowed/),
  refused('a misspelt value inside of one', 'networkPolicy.engress.restricted=true', /additional properties 'engress' not allowed/),
  refused('a misspelt setting', 'config.CHACHE_TTL=5', /additional properties 'CHACHE_TTL' not allowed/),
  refused('a setting that is no number', 'config.CACHE_TTL=soon', /config\/CACHE_TTL/),
  refused('an address that no probe reaches', 'config.HOST=127.0.0.1', /config\/HOST/),
  refused('a path without its slash', 'pathPrefix=tools', /pathPrefix/),
  refused('an Ingress without hosts', 'ingress.enabled=true', /ingress\/hosts/),
  refused('an empty secret', 'secrets.REDIS_URL=', /secrets\/REDIS_URL/),
  refused('servers from two places', 'mcpServersFile=text,mcpServers.a.url=http://a', /in mcpServers and in mcpServersFile/),
  refused(
    'a setting from two places',
    'extraEnv[0].name=API_KEYS,extraEnv[0].valueFrom.a=b',
    /API_KEYS is given twice, in secrets and in extraEnv/,
  ),
  refused('nothing to scale by', 'autoscaling.enabled=true,autoscaling.targetCpuUtilization=0', /nothing to scale by/),
  refused('more replicas at the least than at the most', 'autoscaling.enabled=true,autoscaling.minReplicas=7', /less than minReplicas/),
];

/** Settings that are secret as a whole, and such that the chart sets by itself. */
export const SECRET_SETTINGS = [
  'API_KEYS',
  'API_KEYS_FILE',
  'REDIS_URL',
  'REDIS_PASSWORD',
  'STATE_ENCRYPTION_KEY',
  'ALERT_WEBHOOK_URL',
  'MCP_HEADERS',
  'OPENWEBUI_SECRET_KEY',
  'OIDC_CLIENT_SECRET',
  'OPENWEBUI_API_KEY',
  'FORWARD_USER_INFO_HEADER_JWT_SECRET',
  'OPENAI_API_KEY',
  'OPENAI_API_KEYS',
  'OTEL_EXPORTER_OTLP_HEADERS',
];
export const OWN_SETTINGS = ['PORT', 'MCP_CONFIG', 'REPLICAS'];

/** Of secrets where everybody who may look at Deployments and ConfigMaps could read them, and of settings that are the chart's. */
export const SETTING_REFUSALS: readonly Refusal[] = [
  ...SECRET_SETTINGS.map((name) => refused(`config.${name}`, `config.${name}=x`, new RegExp(`config\\.${name}: .*secrets\\.${name},`))),
  ...['MCP_SERVER_URL', 'HTTP_PROXY', 'HTTPS_PROXY'].map((name) =>
    refused(`config.${name} with a password`, `config.${name}=http://user:pass@host`, new RegExp(`config\\.${name}: .*secrets\\.${name},`)),
  ),
  ...OWN_SETTINGS.map((name) => refused(`config.${name}`, `config.${name}=1`, /set by the chart/)),
  refused('a secret as a plain variable', 'extraEnv[0].name=REDIS_URL,extraEnv[0].value=redis://r', SECRET),
  refused(
    'the longest call as a plain variable',
    'extraEnv[0].name=MAX_CALL_DURATION,extraEnv[0].valueFrom.a=b',
    /give it as config\.MAX_CALL_DURATION/,
  ),
  refused(
    'the wait at the end as a plain variable',
    'extraEnv[0].name=DRAIN_TIMEOUT,extraEnv[0].valueFrom.a=b',
    /give it as config\.DRAIN_TIMEOUT/,
  ),
  refused(
    'metrics that its ServiceMonitor cannot read',
    'serviceMonitor.enabled=true,config.METRICS_AUTH=true',
    /config\.METRICS_AUTH: .*without a key/,
  ),
  refused('a key among the flags', 'extraArgs={--strict-auth,--api-key=some-key}', /extraArgs: --api-key is not taken/),
  refused('a port among the flags', 'extraArgs={-p}', /extraArgs: -p is not taken/),
  refused('a token in the servers', 'mcpServers.a.headers.Authorization=Bearer some', SECRET),
  refused('a secret of a client in the servers', 'mcpServers.a.oauth.clientSecret=some', SECRET),
];
