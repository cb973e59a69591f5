/** What is read of Express' router, which has no public way to ask it. */
interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** The methods that the routes of an Express application take at this path; not those whose first segment is a parameter. */
export function methodsOfRoutes(app: { readonly router: { readonly stack: unknown } }, path: string): string[] {
  const layers = app.router.stack as Layer[];
  const matching = layers.filter(({ route }) => route && !route.path.startsWith('/:')).filter((layer) => layer.match(path));
  const methods = matching.flatMap(({ route }) => Object.keys(route?.methods ?? {})).map((method) => method.toUpperCase());
  return methods.includes('GET') ? [...methods, 'HEAD'] : methods;
}
