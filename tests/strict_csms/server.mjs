// A back office in another language, so that both ends of the tests do not share one idea of OCPP.
//
// npm's `ocpp-rpc` in strict mode validates every message, both ways, against the OCPP schemas by its own means; what it
// refuses is kept under /violations, and a good test run leaves that list empty. Speaks 1.6, 2.0.1 and 2.1.
//
// Two ports of 127.0.0.1, both chosen by the system and printed as one line of JSON: {"ws":…,"http":…}. Stations connect
// to ws://127.0.0.1:WS/IDENTITY; tests work the rest over HTTP:
//   GET  /stations             [{id, protocol}] of those connected
//   POST /call/ID/ACTION       body = payload; answers {result} or, with status 502, {error: {code, message, details}}
//   GET  /log/ID               [{t, to: "csms"|"cp", frame}] in order
//   GET  /violations           [{kind: "schema"|"badMessage"|"login"|"subprotocol", id, …}]
//   PUT  /behaviour            any of {"password": "…"|null, "tags": {TAG: STATUS}|null, "boot": "Accepted",
//                              "interval": 60, "errors": {ACTION: CODE}, "mute": [ACTION]}; answers with the whole
//   POST /drop/ID              {"code": 1000, "force": false}: closes the connection; force = without a close frame
// With two arguments, the files of a certificate and its key, stations connect to wss://localhost:WS/IDENTITY.
// It ends when its standard input does, so that it never outlives the tests.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';

// The packages are installed into a cache folder, which is the working directory.
const need = createRequire(process.cwd() + '/');
const { RPCServer, createRPCError, createValidator } = need('ocpp-rpc');

const PROTOCOLS = ['ocpp2.1', 'ocpp2.0.1', 'ocpp1.6'];

// Release 2.2.1 looks up 'urn:ACTION.req' and '.conf', while its 2.1 schemas are called 'ACTIONRequest' and 'Response':
// without these names strict 2.1 refuses everything.
const renamed21 = need('ocpp-rpc/lib/schemas/ocpp2_1.json').map((schema) => ({
  ...schema,
  $id: schema.$id.replace(/^(urn:.*)Request$/, '$1.req').replace(/^(urn:.*)Response$/, '$1.conf'),
}));

const behaviour = { password: null, tags: null, boot: 'Accepted', interval: 60, errors: {}, mute: [] };
const clients = new Map();
const logs = new Map();
const violations = [];
let nextTransaction = 1000;

const server = new RPCServer({
  protocols: PROTOCOLS,
  strictMode: true,
  strictModeValidators: [createValidator('ocpp2.1', renamed21)],
  callConcurrency: 1,
  callTimeoutMs: 30000,
  pingIntervalMs: 20000,
  respondWithDetailedErrors: true,
});

server.auth((accept, reject, handshake) => {
  const password = handshake.password?.toString?.('utf8');
  if (behaviour.password !== null && password !== behaviour.password) {
    violations.push({ kind: 'login', id: handshake.identity, had: password !== undefined });
    return reject(401, 'wrong password');
  }
  const offered = [...(handshake.protocols ?? [])];
  if (!offered.some((protocol) => PROTOCOLS.includes(protocol))) {
    violations.push({ kind: 'subprotocol', id: handshake.identity, offered });
    return reject(400, 'no OCPP subprotocol offered');
  }
  return accept({});
});

// --- answers to the station: the smallest ones the schemas allow ---

const now = () => new Date().toISOString();
const verdict = (tag, unknown) => (behaviour.tags === null ? 'Accepted' : behaviour.tags[tag] ?? unknown);

const common = {
  BootNotification: () => ({ status: behaviour.boot, interval: behaviour.interval, currentTime: now() }),
  Heartbeat: () => ({ currentTime: now() }),
  DataTransfer: () => ({ status: 'Accepted' }),
  SignCertificate: () => ({ status: 'Accepted' }),
};
const answers16 = {
  ...common,
  Authorize: (p) => ({ idTagInfo: { status: verdict(p.idTag, 'Invalid') } }),
  StartTransaction: (p) => ({
    transactionId: nextTransaction++,
    idTagInfo: { status: verdict(p.idTag, 'Invalid') },
  }),
};
const answers2 = {
  ...common,
  Authorize: (p) => ({ idTokenInfo: { status: verdict(p.idToken.idToken, 'Unknown') } }),
  TransactionEvent: (p) => (p.idToken ? { idTokenInfo: { status: verdict(p.idToken.idToken, 'Unknown') } } : {}),
};

const answer = (client, { method, params }) => {
  if (behaviour.mute.includes(method)) return new Promise(() => {}); // never
  if (behaviour.errors[method]) throw createRPCError(behaviour.errors[method], 'asked for by the test');
  const answers = client.protocol === 'ocpp1.6' ? answers16 : answers2;
  return answers[method]?.(params) ?? {};
};

// --- what is kept of every connection ---

server.on('client', (client) => {
  const id = client.identity;
  clients.set(id, client);
  if (!logs.has(id)) logs.set(id, []);
  const log = logs.get(id);
  client.on('message', ({ message, outbound }) => {
    log.push({ t: Date.now() / 1000, to: outbound ? 'cp' : 'csms', frame: JSON.parse(message.toString()) });
  });
  client.on('strictValidationFailure', ({ method, outbound, error }) => {
    violations.push({ kind: 'schema', id, method, outbound, error: String(error?.message), details: error?.details });
  });
  client.on('badMessage', ({ buffer, error }) => {
    const text = buffer?.toString?.().slice(0, 500);
    violations.push({ kind: 'badMessage', id, error: String(error?.message), text });
  });
  client.on('close', () => {
    if (clients.get(id) === client) clients.delete(id);
  });
  client.handle((call) => answer(client, call));
});

// --- the tests' side ---

const read = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
};

const call = async (client, action, payload) => {
  try {
    return [200, { result: await client.call(action, payload) }];
  } catch (error) {
    const code = error.rpcErrorCode ?? error.constructor.name;
    return [502, { error: { code, message: error.message, details: error.details } }];
  }
};

const drop = async (client, { code = 1000, force = false }) => {
  await client.close({ code, force });
  return [200, {}];
};

const respond = async (request) => {
  const [, what, id, action] = decodeURI(request.url).split('/');
  if (what === 'stations') return [200, [...clients].map(([key, { protocol }]) => ({ id: key, protocol }))];
  if (what === 'violations') return [200, violations];
  if (what === 'log') return [200, logs.get(id) ?? []];
  if (what === 'behaviour') return [200, Object.assign(behaviour, await read(request))];
  const client = clients.get(id);
  if (!client) return [404, { error: { code: 'NotConnected', message: id } }];
  if (what === 'call') return call(client, action, await read(request));
  if (what === 'drop') return drop(client, await read(request));
  return [404, { error: { code: 'NoSuchThing', message: request.url } }];
};

const control = http.createServer(async (request, response) => {
  const [status, body] = await respond(request).catch((error) => [
    400,
    { error: { code: 'BadRequest', message: String(error) } },
  ]);
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
});

const listen = async () => {
  const [cert, key] = process.argv.slice(2);
  if (cert === undefined) return server.listen(0, '127.0.0.1');
  const secure = https.createServer({ cert: readFileSync(cert), key: readFileSync(key) });
  secure.on('upgrade', server.handleUpgrade);
  await new Promise((resolve) => { secure.listen(0, '127.0.0.1', resolve); });
  return secure;
};

await new Promise((resolve) => { control.listen(0, '127.0.0.1', resolve); });
const sockets = await listen();
process.stdin.resume().on('end', () => process.exit(0));
console.log(JSON.stringify({ ws: sockets.address().port, http: control.address().port }));
