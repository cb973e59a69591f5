import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { get, post } from '../support/exchange.ts';
import { allListed } from '../support/listed.ts';
import type { RunningProcess } from '../support/processes.ts';
import { readDockerfile, type Stage } from '../container/dockerfile.ts';
import { CHART, type Chart, containerOf, contentOf, deploymentOf, one, podOf, type Rendered, VALUES, type Values } from './chart.ts';
import { environmentOf, startPod } from './pod.ts';
import { OWN_SETTINGS, SECRET_SETTINGS, SETTING_REFUSALS, VALUE_REFUSALS } from './refusals.ts';

/** One promise of the chart; `run` rejects when it does not hold. `folder` is the check's own. */
export interface Check {
  readonly title: string;
  run(chart: Chart, folder: string): void | Promise<void>;
}

const SELECTOR = { 'app.kubernetes.io/name': 'mcpo-proxy', 'app.kubernetes.io/instance': 'demo' };
const WITH_KEY = { authorization: 'Bearer change-me-please' };

/** What each values file makes. */
const EXPECTED: Readonly<Record<Values, { name: string; kinds: string[]; graceSeconds: number; replicas: string }>> = {
  keys: {
    name: 'demo-mcpo-proxy',
    kinds: ['Deployment', 'PodDisruptionBudget', 'Secret', 'Service', 'ServiceAccount'],
    graceSeconds: 330,
    replicas: '1',
  },
  anonymous: {
    name: 'demo-mcpo-proxy',
    kinds: ['ConfigMap', 'Deployment', 'NetworkPolicy', 'Service'],
    // A server may take 900.5 s for a call.
    graceSeconds: 931,
    replicas: '3',
  },
  'existing-objects': {
    name: 'demo-mcpo-proxy',
    kinds: ['Deployment', 'HorizontalPodAutoscaler', 'PodDisruptionBudget', 'Service', 'ServiceAccount'],
    graceSeconds: 60,
    replicas: '4',
  },
  everything: {
    name: 'tools',
    kinds: [
      'ConfigMap',
      'Deployment',
      'HorizontalPodAutoscaler',
      'Ingress',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Secret',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
    ],
    graceSeconds: 645,
    replicas: '8',
  },
};

const ofEach = (title: string, run: (rendered: Rendered, expected: (typeof EXPECTED)[Values]) => void): Check[] =>
  VALUES.map((values) => ({ title: `${values}: ${title}`, run: (chart) => run(chart.render(values), EXPECTED[values]) }));

export const CHECKS: readonly Check[] = [
  ...VALUES.map((values) => ({ title: `${values}: helm lint --strict finds nothing`, run: (chart: Chart) => chart.lint(values) })),
  ...VALUES.map((values) => ({
    title: `${values}: the schemas of Kubernetes take every object`,
    run: (chart: Chart, folder: string) => chart.validate(chart.render(values), folder),
  })),
  ...ofEach('these objects are made, by one name, in the namespace of the release', objectsAreNamed),
  ...ofEach('the pod has no privileges, writes to /tmp and /data alone, and holds 512 MiB at the most', podIsConfined),
  ...ofEach('the probes ask what answers for them, and a pod has time for its longest call when it goes', podIsProbed),
  ...ofEach('the environment is what was meant, and no secret is outside of the Secret', secretsStaySecret),
  ...ofEach('Service, budget, policy, monitor and spread mean these pods', selectorsFit),
  { title: 'the container is started as the image starts by itself', run: containerIsTheImages },
  { title: 'every pod is replaced before it goes, and anew when servers or secrets change', run: podsRoll },
  { title: 'pods are spread over zones and nodes', run: podsAreSpread },
  { title: 'pods are scaled by CPU, and by calls in flight where that is switched on', run: podsAreScaled },
  { title: 'the NetworkPolicy lets in whom it names, and out to names and what it names where that is restricted', run: networkIsNarrow },
  { title: 'Ingress and ServiceMonitor lead to the port of the Service', run: outsideLeadsIn },
  { title: 'a Secret, a ConfigMap and volumes that are there already are used', run: existingObjectsAreUsed },
  { title: 'variables are the very texts that were given', run: variablesAreTexts },
  { title: 'the notes tell Open WebUI its URL, and of replicas that share nothing', run: notesTell },
  { title: 'every setting of .env.example is known to the chart', run: settingsAreKnown },
  { title: 'every value of the schema has its default in values.yaml, below a comment', run: valuesAreExplained },
  ...[...VALUE_REFUSALS, ...SETTING_REFUSALS].map(({ title, flags, says }) => ({
    title,
    run: (chart: Chart) => assert.match(chart.refusal(...flags), says),
  })),
  { title: 'keys: the gateway starts as the Deployment starts it, and answers its probes', run: startsWithKeys },
  {
    title: 'everything: the gateway starts with files, secrets and flags of the Deployment, and knows its callers',
    run: startsWithEverything,
  },
];

function objectsAreNamed({ objects }: Rendered, { name, kinds }: (typeof EXPECTED)[Values]): void {
  assert.deepEqual(objects.map(({ kind }) => kind).sort(), kinds);
  for (const { kind, metadata } of objects) {
    assert.equal(metadata.name, kind === 'ConfigMap' ? `${name}-servers` : name, kind);
    assert.equal(metadata.namespace, 'tools', kind);
    assert.deepEqual({ ...metadata.labels, ...SELECTOR }, metadata.labels, kind);
  }
}

function podIsConfined(rendered: Rendered): void {
  const { securityContext, automountServiceAccountToken, volumes } = podOf(rendered);
  assert.deepEqual(securityContext, {
    runAsNonRoot: true,
    runAsUser: 1000,
    runAsGroup: 1000,
    fsGroup: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  assert.equal(automountServiceAccountToken, false);
  const container = containerOf(rendered);
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  });
  assert.equal(container.resources.limits.memory, '512Mi');
  const written = volumes.filter(({ emptyDir }) => emptyDir).map(({ name, emptyDir }) => [name, emptyDir]);
  assert.deepEqual(written, [
    ['tmp', { sizeLimit: '512Mi' }],
    ['data', { sizeLimit: '256Mi' }],
  ]);
  const placeOf = (name: string) => container.volumeMounts.find((mount) => mount.name === name)?.mountPath;
  assert.deepEqual([placeOf('tmp'), placeOf('data')], ['/tmp', '/data']);
  assert.deepEqual(container.volumeMounts.map(({ name }) => name).sort(), volumes.map(({ name }) => name).sort());
}

function podIsProbed(rendered: Rendered, { graceSeconds }: (typeof EXPECTED)[Values]): void {
  const { startupProbe, livenessProbe, readinessProbe, lifecycle, ports } = containerOf(rendered);
  const asked = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
  assert.deepEqual(asked, [
    { path: '/health/live', port: 'http' },
    { path: '/health/live', port: 'http' },
    { path: '/ready', port: 'http' },
  ]);
  assert.deepEqual(ports, [{ name: 'http', containerPort: 8001 }]);
  assert.deepEqual(lifecycle, { preStop: { exec: { command: ['sleep', '5'] } } });
  const { terminationGracePeriodSeconds } = podOf(rendered);
  assert.equal(terminationGracePeriodSeconds, graceSeconds);
  assert.ok(terminationGracePeriodSeconds > Number(valueOf(rendered, 'DRAIN_TIMEOUT') ?? valueOf(rendered, 'MAX_CALL_DURATION') ?? 300));
}

function secretsStaySecret(rendered: Rendered, { replicas }: (typeof EXPECTED)[Values]): void {
  const { env } = containerOf(rendered);
  assert.deepEqual(
    [...new Set(env.map(({ name }) => name))],
    env.map(({ name }) => name),
  );
  assert.equal(valueOf(rendered, 'HOST'), rendered.values === 'anonymous' ? '::' : '0.0.0.0');
  assert.equal(valueOf(rendered, 'PORT'), '8001');
  assert.equal(valueOf(rendered, 'HOME'), '/tmp');
  assert.equal(valueOf(rendered, 'REPLICAS'), replicas);
  const elsewhere = JSON.stringify(rendered.objects.filter(({ kind }) => kind !== 'Secret'));
  for (const texts of Object.values(contentOf(rendered, 'Secret'))) {
    // Keys are parts of texts: `name:key`, JSON.
    for (const text of Object.values(texts).flatMap((whole) => [whole, ...whole.split(/[\s:"/@,]+/)]))
      if (text.length > 7 && !/^(Authorization|open-webui|planner_list_\*)$/.test(text)) assert.ok(!elsewhere.includes(text), text);
  }
}

function selectorsFit(rendered: Rendered): void {
  const { spec } = deploymentOf(rendered);
  assert.deepEqual(spec.selector, { matchLabels: SELECTOR });
  assert.deepEqual({ ...spec.template.metadata.labels, ...SELECTOR }, spec.template.metadata.labels);
  assert.deepEqual((one(rendered.objects, 'Service').spec as { selector: object }).selector, SELECTOR);
  for (const { kind, spec: other } of rendered.objects) {
    const { selector, podSelector } = (other ?? {}) as { selector?: object; podSelector?: object };
    if (kind === 'PodDisruptionBudget' || kind === 'ServiceMonitor') assert.deepEqual(selector, { matchLabels: SELECTOR }, kind);
    if (kind === 'NetworkPolicy') assert.deepEqual(podSelector, { matchLabels: SELECTOR });
  }
}

function containerIsTheImages(chart: Chart): void {
  const rendered = chart.render('keys');
  for (const stage of ['slim', 'full'].map((name) => readDockerfile().get(name) as Stage)) {
    assert.deepEqual([...stage.entrypoint, ...stage.command], containerOf(rendered).command);
    assert.equal(stage.port, containerOf(rendered).ports[0]?.containerPort);
    const { runAsUser, runAsGroup } = podOf(rendered).securityContext;
    assert.equal(stage.user, `${runAsUser}:${runAsGroup}`);
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  assert.equal(containerOf(rendered).image, `mcpo-proxy:${version}`);
  assert.equal(containerOf(chart.render('everything')).image, 'registry.example/mcpo-proxy:0.1.0-ci');
  assert.equal(containerOf(rendered).args, undefined);
  assert.deepEqual(containerOf(chart.render('everything')).args, ['--path-prefix', '/tools', '--strict-auth']);
}

function podsRoll(chart: Chart): void {
  const { strategy, replicas } = deploymentOf(chart.render('anonymous')).spec;
  assert.deepEqual(strategy, { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
  assert.equal(replicas, 3);
  const sums = (...flags: string[]) => {
    const { annotations } = deploymentOf(chart.render('everything', ...flags)).spec.template.metadata;
    return [annotations['checksum/servers'], annotations['checksum/secret']] as const;
  };
  const [servers, secret] = sums();
  assert.match(`${servers} ${secret}`, /^[\da-f]{64} [\da-f]{64}$/);
  assert.deepEqual(sums('--set', 'replicaCount=5'), [servers, secret]);
  const [otherServers, sameSecret] = sums('--set', 'mcpServers.planner.timeoutMs=5');
  assert.ok(otherServers !== servers && sameSecret === secret);
  const [sameServers, otherSecret] = sums('--set', 'secrets.API_KEYS=another-key-than-before');
  assert.ok(sameServers === servers && otherSecret !== secret);
}

function podsAreSpread(chart: Chart): void {
  const constraint = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: SELECTOR },
    matchLabelKeys: ['pod-template-hash'],
  });
  const expected = [constraint('topology.kubernetes.io/zone'), constraint('kubernetes.io/hostname')];
  assert.deepEqual(podOf(chart.render('keys')).topologySpreadConstraints, expected);
  assert.equal(podOf(chart.render('anonymous')).topologySpreadConstraints, undefined);
}

function podsAreScaled(chart: Chart): void {
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } };
  const calls = { type: 'Pods', pods: { metric: { name: 'mcpo_calls_in_flight' }, target: { type: 'AverageValue', averageValue: '80' } } };
  const scaled = (name: string, minReplicas: number, maxReplicas: number, metrics: object[]) => ({
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
    minReplicas,
    maxReplicas,
    metrics,
    behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
  });
  const scaler = (values: Values, ...flags: string[]) => one(chart.render(values, ...flags).objects, 'HorizontalPodAutoscaler');
  assert.equal(scaler('everything').apiVersion, 'autoscaling/v2');
  assert.deepEqual(scaler('everything').spec, scaled('tools', 3, 8, [cpu, calls]));
  assert.deepEqual(scaler('existing-objects').spec, scaled('demo-mcpo-proxy', 2, 4, [cpu]));
  assert.deepEqual(scaler('everything', '--set', 'autoscaling.targetCpuUtilization=0').spec, scaled('tools', 3, 8, [calls]));
  // Whoever scales says how many there are.
  assert.equal(deploymentOf(chart.render('everything')).spec.replicas, undefined);
}

function networkIsNarrow(chart: Chart): void {
  const label = (key: string, value: string) => ({ matchLabels: { [key]: value } });
  const policy = (values: Values) => one(chart.render(values).objects, 'NetworkPolicy');
  const toThePort = { ports: [{ port: 'http', protocol: 'TCP' }] };
  const podSelector = { matchLabels: SELECTOR };
  assert.equal(policy('everything').apiVersion, 'networking.k8s.io/v1');
  assert.deepEqual(policy('anonymous').spec, { podSelector, policyTypes: ['Ingress'], ingress: [toThePort] });
  assert.deepEqual(policy('everything').spec, {
    podSelector,
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      {
        ...toThePort,
        from: [
          { podSelector: label('app.kubernetes.io/name', 'open-webui') },
          { namespaceSelector: label('kubernetes.io/metadata.name', 'monitoring') },
        ],
      },
    ],
    egress: [
      {
        to: [{ namespaceSelector: label('kubernetes.io/metadata.name', 'kube-system') }],
        ports: [
          { port: 53, protocol: 'UDP' },
          { port: 53, protocol: 'TCP' },
        ],
      },
      { to: [{ podSelector: label('app.kubernetes.io/name', 'redis') }], ports: [{ port: 6379, protocol: 'TCP' }] },
    ],
  });
}

function outsideLeadsIn(chart: Chart): void {
  const { objects } = chart.render('everything');
  assert.deepEqual((one(objects, 'Service').spec as { ports: object }).ports, [{ name: 'http', port: 80, targetPort: 'http' }]);
  assert.deepEqual(one(objects, 'Ingress').spec, {
    ingressClassName: 'nginx',
    tls: [{ secretName: 'tools-tls', hosts: ['tools.example'] }],
    rules: [
      {
        host: 'tools.example',
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'tools', port: { name: 'http' } } } }] },
      },
    ],
  });
  const monitor = one(objects, 'ServiceMonitor');
  assert.equal(monitor.metadata.labels.release, 'prometheus');
  const { endpoints } = monitor.spec as { endpoints: object };
  assert.deepEqual(endpoints, [{ port: 'http', path: '/metrics', interval: '30s', scrapeTimeout: '10s' }]);
  assert.equal((one(objects, 'PodDisruptionBudget').spec as { maxUnavailable: string }).maxUnavailable, '25%');
}

function existingObjectsAreUsed(chart: Chart): void {
  const rendered = chart.render('existing-objects');
  const { env, volumeMounts } = containerOf(rendered);
  const ofSecret = (name: string) => ({ name, valueFrom: { secretKeyRef: { name: 'gateway-secrets', key: name } } });
  const expected = ['GITHUB_TOKEN', 'REDIS_URL', 'STATE_ENCRYPTION_KEY'].map(ofSecret);
  assert.deepEqual(
    env.filter(({ valueFrom }) => valueFrom?.secretKeyRef.name === 'gateway-secrets'),
    expected,
  );
  assert.equal(valueOf(rendered, 'MCP_CONFIG'), '/etc/mcpo-proxy/servers/servers.json');
  assert.equal(valueOf(rendered, 'API_KEYS_FILE'), '/etc/mcpo-proxy/keys/keys.json');
  const { volumes, imagePullSecrets } = podOf(rendered);
  const volume = (name: string) => volumes.find((other) => other.name === name);
  assert.deepEqual(volume('servers')?.configMap, { name: 'gateway-servers', items: [{ key: 'mcp.json', path: 'servers.json' }] });
  assert.deepEqual(volume('keys')?.secret, {
    secretName: 'gateway-secrets',
    defaultMode: 0o440,
    items: [{ key: 'API_KEYS_FILE', path: 'keys.json' }],
  });
  assert.deepEqual(volume('ca'), { name: 'ca', configMap: { name: 'company-ca' } });
  assert.deepEqual(volumeMounts.at(-1), { name: 'ca', mountPath: '/etc/ca', readOnly: true });
  assert.deepEqual(imagePullSecrets, [{ name: 'registry' }]);
}

function variablesAreTexts(chart: Chart): void {
  const { MAX_LIST_BYTES, REDIS_PREFIX, TRUST_PROXY } = environmentOf(chart.render('everything'));
  assert.deepEqual([MAX_LIST_BYTES, REDIS_PREFIX, TRUST_PROXY], ['67108864', 'tools:', '1']);
  const anonymous = chart.render('anonymous');
  assert.equal(valueOf(anonymous, 'ALLOW_ANONYMOUS'), 'true');
  // Kubernetes would put the variable ROLE in its place.
  assert.equal(valueOf(anonymous, 'JWT_ROLE_CLAIM'), '$$(ROLE)');
  const others = chart.render('keys', '--set', 'config.MAX_CONNECTIONS=1000000', '--set-string', 'config.PLANNER_RATE_LIMIT=7');
  assert.deepEqual([valueOf(others, 'MAX_CONNECTIONS'), valueOf(others, 'PLANNER_RATE_LIMIT')], ['1000000', '7']);
}

function notesTell(chart: Chart, folder: string): void {
  const alone = chart.notes(folder, 'keys');
  assert.match(alone, /URL {3}http:\/\/demo-mcpo-proxy\.tools\.svc:8001\n/);
  assert.match(alone, /Auth {2}Bearer/);
  assert.match(alone, /embedded planner/);
  assert.doesNotMatch(alone, /WARNING/);
  const several = chart.notes(folder, 'anonymous');
  assert.match(several, /Auth {2}None\n/);
  assert.match(several, /WARNING: up to 3 replicas without Redis\. Each .* limits to its share, 1\/3 of each limit;\nan Idempotency-Key/);
  assert.doesNotMatch(several, /embedded planner/);
  const everything = chart.notes(folder, 'everything');
  assert.match(everything, /URL {3}http:\/\/tools\.tools\.svc:80\/tools\n/);
  assert.match(everything, /\n {2}https:\/\/tools\.example\/tools\n/);
  assert.doesNotMatch(everything, /WARNING|NOTE/);
  assert.match(chart.notes(folder, 'keys', '--set', 'secrets.REDIS_URL=redis://redis:6379'), /NOTE: without STATE_ENCRYPTION_KEY/);
}

function settingsAreKnown(): void {
  const named = [...readFileSync('.env.example', 'utf8').matchAll(/^# ?([A-Z][A-Z_]+)=/gm)].map(([, name]) => name as string);
  assert.ok(named.length > 30);
  const properties = schema().properties.config?.properties ?? {};
  const known = Object.keys(properties);
  const unknown = named.filter((name) => !known.includes(name));
  assert.deepEqual(
    unknown,
    [],
    'add them to config in values.schema.json, secret ones as `refused`, to _refuse.tpl and to SECRET_SETTINGS',
  );
  const refused = known.filter((name) => properties[name]?.$ref === '#/definitions/refused');
  assert.deepEqual(refused.sort(), [...SECRET_SETTINGS, ...OWN_SETTINGS].sort());
}

function valuesAreExplained(): void {
  const text = readFileSync(path.join(CHART, 'values.yaml'), 'utf8');
  const values = Object.keys(parse(text) as object);
  const known = Object.keys(schema().properties).filter((name) => name !== 'global');
  assert.deepEqual(values.sort(), known.sort());
  const blocks = text.split('\n\n').filter((block) => block.trim() !== '');
  assert.deepEqual(
    blocks.filter((block) => !block.includes('#')),
    [],
  );
}

interface Schema {
  readonly $ref?: string;
  readonly properties: Readonly<Record<string, Schema>>;
}

function schema(): Schema {
  return JSON.parse(readFileSync(path.join(CHART, 'values.schema.json'), 'utf8')) as Schema;
}

async function startsWithKeys(chart: Chart, folder: string): Promise<void> {
  const rendered = chart.render('keys');
  await running(rendered, folder, async ({ url }) => {
    assert.equal((await post(url, '/v1/tools/create_task', { title: 'a task' })).status, 401);
    assert.equal((await post(url, '/v1/tools/create_task', { title: 'a task' }, WITH_KEY)).status, 200);
  });
}

async function startsWithEverything(chart: Chart, folder: string): Promise<void> {
  const rendered = chart.render('everything');
  await running(rendered, folder, async ({ url }) => {
    const createTask = '/tools/v1/tools/planner_create_task';
    assert.equal((await get(url, '/metrics')).status, 200);
    assert.equal((await get(url, '/tools/openapi.json')).status, 401);
    assert.equal((await post(url, createTask, { title: 'a task' })).status, 401);
    assert.equal((await post(url, createTask, { title: 'a task' }, { authorization: 'Bearer another-key-to-change' })).status, 403);
    assert.equal((await post(url, createTask, { title: 'a task' }, WITH_KEY)).status, 200);
    assert.ok(existsSync(path.join(folder, 'data/file-of-the-planner.json')));
  });
}

/** Until the probes answer, and until it has ended by a signal as Kubernetes sends it. */
async function running(rendered: Rendered, folder: string, run: (gateway: RunningProcess) => Promise<void>): Promise<void> {
  const gateway = await startPod(rendered, folder);
  try {
    const { startupProbe, livenessProbe, readinessProbe } = containerOf(rendered);
    assert.deepEqual(await statusesOf(gateway.url, [startupProbe.httpGet.path, livenessProbe.httpGet.path]), [200, 200]);
    await allListed(gateway.url, 60_000);
    assert.deepEqual(await statusesOf(gateway.url, [readinessProbe.httpGet.path]), [200]);
    await run(gateway);
    assert.equal(await gateway.stop(), 0);
  } catch (error) {
    const lines = [...gateway.stdout.filter((line) => !line.includes('"path":"/ready"')), ...gateway.stderr];
    throw new Error(`The gateway said:\n${lines.join('\n')}`, { cause: error });
  } finally {
    await gateway.stop('SIGKILL');
  }
}

async function statusesOf(url: string, paths: readonly string[]): Promise<number[]> {
  return Promise.all(paths.map(async (asked) => (await get(url, asked)).status));
}

function valueOf(rendered: Rendered, name: string): string | undefined {
  return containerOf(rendered).env.find((variable) => variable.name === name)?.value;
}
