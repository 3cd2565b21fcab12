/**
 * Which way imports point. Each place lists what its files may import besides their own folder; everything else
 * within the project is refused. `type:` allows types only. The longest key that begins a path is its place.
 *
 * src/README.md draws this table. test/architecture.test.ts checks that it covers every file and that nothing is
 * imported in a circle.
 */
/** What every part of the page may import. */
const PAGE = ['src/wire', 'src/client', 'web-demo/src/components', 'web-demo/src/lib'];
/** The views, which the frame loads. */
const VIEWS = ['console', 'device', 'events', 'firmware', 'lights', 'notes', 'overview', 'palette'].map(
  (name) => `web-demo/src/features/${name}`,
);
const BASE = ['src/wire', 'src/errors', 'src/util'];

export const ARROWS = {
  'src/wire': [],
  'src/errors': ['src/wire'],
  'src/util': ['src/wire', 'src/errors'],
  'src/access': [...BASE, 'type:src/catalog'],
  'src/config': [...BASE, 'src/access'],
  'src/catalog': [...BASE],
  'src/upstreams': [...BASE, 'type:src/catalog'],
  'src/upstreams/discovery': [...BASE, 'src/catalog'],
  'src/upstreams/rcsp': [
    ...BASE,
    'src/upstreams',
    'src/upstreams/discovery',
    'src/upstreams/rcsp/protocol',
    'src/catalog',
    'type:src/metrics.ts',
  ],
  'src/upstreams/rcsp/protocol': [...BASE],
  'src/upstreams/lights': [...BASE, 'src/upstreams', 'src/upstreams/lights/protocol', 'type:src/catalog'],
  'src/upstreams/lights/protocol': [...BASE],
  // The origin of a studio's events is a client of the hub.
  'src/upstreams/nats': [
    ...BASE,
    'src/access',
    'src/catalog',
    'src/events',
    'src/upstreams',
    'src/upstreams/discovery',
    'type:src/commands',
    'type:src/metrics.ts',
  ],
  'src/jobs': [...BASE, 'type:src/catalog'],
  'src/commands': [...BASE, 'src/access', 'src/catalog', 'src/jobs'],
  'src/events': [...BASE, 'type:src/upstreams'],
  'src/studios': [
    ...BASE,
    'src/access',
    'src/catalog',
    'src/commands',
    'src/jobs',
    'src/upstreams',
    'src/upstreams/nats',
    'src/upstreams/rcsp',
    'type:src/config',
    'type:src/events',
    'type:src/metrics.ts',
  ],
  'src/transports': [...BASE, 'src/access', 'src/catalog', 'src/events', 'type:src/commands'],
  'src/transports/relay': [...BASE],
  'src/relay': [
    ...BASE,
    'src/access',
    'src/commands',
    'src/config',
    'src/lifecycle.ts',
    'src/plugins',
    'src/transports/relay',
  ],
  'src/metrics.ts': [...BASE],
  'src/lifecycle.ts': [],
  'src/openapi': [
    ...BASE,
    'src/access',
    'src/catalog',
    'src/events',
    'src/jobs',
    'src/upstreams/lights/protocol',
    'type:src/upstreams/discovery',
  ],
  'src/plugins': [
    ...BASE,
    'src/access',
    'src/catalog',
    'src/commands',
    'src/config',
    'src/events',
    'src/jobs',
    'src/lifecycle.ts',
    'src/metrics.ts',
    'src/openapi',
    'src/studios',
    'src/transports',
    'src/transports/relay',
    'src/upstreams',
    'src/upstreams/lights',
    'src/upstreams/nats',
    'type:src/upstreams/discovery',
  ],
  'src/simulator': [...BASE, 'src/catalog', 'src/upstreams/rcsp/protocol'],
  'src/simulator/lights': [...BASE, 'src/simulator', 'src/upstreams/lights/protocol'],
  'src/client': ['src/wire', 'type:src/catalog'],
  'src/app.ts': [
    ...BASE,
    'routes',
    'src/config',
    'src/lifecycle.ts',
    'src/plugins',
    'src/simulator',
    'src/simulator/lights',
    'src/upstreams/rcsp',
  ],
  'src/server.ts': [...BASE, 'src/app.ts', 'src/config', 'src/plugins'],
  'src/cli': [
    ...BASE,
    'src/access',
    'src/catalog',
    'src/config',
    'src/events',
    'src/relay',
    'src/server.ts',
    'src/simulator',
    'src/simulator/lights',
    'src/upstreams/lights',
    'src/upstreams/rcsp',
    'src/upstreams/rcsp/protocol',
  ],
  routes: [
    ...BASE,
    'src/access',
    'src/catalog',
    'src/commands',
    'src/events',
    'src/jobs',
    'src/openapi',
    'src/transports',
    'src/upstreams/lights',
    'type:src/config',
    'type:src/plugins',
    'type:src/studios',
    'type:src/metrics.ts',
    'type:src/upstreams/rcsp',
  ],
  openapi: [...BASE, 'src/app.ts', 'src/catalog', 'src/config', 'src/openapi'],
  'web-demo/src/lib': ['src/wire', 'src/client'],
  'web-demo/src/components': ['src/wire', 'src/client', 'web-demo/src/lib'],
  'web-demo/src/features/console': PAGE,
  'web-demo/src/features/device': PAGE,
  'web-demo/src/features/events': PAGE,
  'web-demo/src/features/firmware': PAGE,
  'web-demo/src/features/lights': PAGE,
  'web-demo/src/features/notes': PAGE,
  'web-demo/src/features/overview': PAGE,
  'web-demo/src/features/palette': PAGE,
  'web-demo/src/features/shell': [...PAGE, ...VIEWS],
  'web-demo/src/style.css': [],
  'web-demo/src/app.tsx': [...PAGE, 'web-demo/src/features/shell'],
  'web-demo/src/page.tsx': ['web-demo/src/app.tsx'],
  'web-demo/src/main.ts': ['web-demo/src/lib', 'web-demo/src/features/shell'],
  'web-demo/src/entry.ts': [
    'web-demo/src/lib',
    'web-demo/src/main.ts',
    'web-demo/src/page.tsx',
    'web-demo/src/style.css',
  ],
};

/** Fastify belongs to the edge: none of the core may know it. */
const FASTIFY = [
  'src/app.ts',
  'src/lifecycle.ts',
  'src/plugins',
  'src/openapi',
  'src/relay',
  'routes',
  'openapi',
];

const places = Object.keys(ARROWS).sort((a, b) => b.length - a.length);

/** The place of a path within the project (`/` between its parts); undefined where the table has none. */
export function placeOf(path) {
  return places.find((place) => path === place || path.startsWith(`${place}/`));
}

/** Why `from` may not import `to`; undefined when it may. Both are paths within the project. */
export function refusal(from, to, isTypeOnly) {
  const [source, target] = [placeOf(from), placeOf(to)];
  if (source === undefined || source === target) return undefined;
  const allowed = ARROWS[source];
  if (allowed.includes(target) || (isTypeOnly && allowed.includes(`type:${target}`))) return undefined;
  return `${source} may not import ${target ?? to}: see lint/arrows.js and src/README.md.`;
}

export function fastifyRefusal(from, name) {
  const place = placeOf(from);
  if (place === undefined || FASTIFY.includes(place) || !/^(@fastify\/|fastify(-plugin)?$)/.test(name))
    return undefined;
  return 'Fastify appears only in app.ts, plugins/, relay/, openapi/ and routes/.';
}
