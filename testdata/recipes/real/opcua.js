// node-opcua's server, and its client that uses most services: unprotected, signed and encrypted, anonymous and with a user's name.
// Usage: opcua.js server|client ADDRESS FOLDER ; NODE_PATH names the library's folder, FOLDER takes keys and certificates.
const ua = require('node-opcua');
const path = require('path');

const [what, address, folder] = process.argv.slice(2);
const { DataType, MessageSecurityMode, SecurityPolicy, StatusCodes, UserTokenType, AttributeIds, TimestampsToReturn } = ua;
const url = `opc.tcp://${address}:4840`;

const certificates = (name) => new ua.OPCUACertificateManager({ automaticallyAcceptUnknownCertificate: true, rootFolder: path.join(folder, name) });

// The plant: a motor with values of several types, a method, a history, one that nobody may write, one too long for a chunk.
function furnish(server) {
  const space = server.engine.addressSpace;
  const own = space.getOwnNamespace();
  const motor = own.addObject({ organizedBy: space.rootFolder.objects, browseName: 'Motor', eventNotifier: 1, notifierOf: space.rootFolder.objects.server });
  const add = (name, dataType, value, more) => own.addVariable({ componentOf: motor, browseName: name, nodeId: `s=Motor.${name}`, dataType,
    value: { dataType, value }, minimumSamplingInterval: 100, ...more });
  const speed = add('Speed', 'Double', 1480.5);
  add('Limit', 'Int32', 1500);
  add('Running', 'Boolean', true);
  add('Name', 'String', 'Line 4');
  add('Serial', 'UInt32', 4711, { accessLevel: 'CurrentRead', userAccessLevel: 'CurrentRead' });
  own.addVariable({ componentOf: motor, browseName: 'Trend', nodeId: 's=Motor.Trend', dataType: 'Double', valueRank: 1,
    value: { dataType: 'Double', arrayType: ua.VariantArrayType.Array, value: new Float64Array(3000).map((_, i) => i / 8) } });
  space.installHistoricalDataNode(speed, { maxOnlineValues: 20 });
  const reset = own.addMethod(motor, { browseName: 'Reset', nodeId: 's=Motor.Reset',
    inputArguments: [{ name: 'reason', dataType: DataType.String, valueRank: -1 }, { name: 'count', dataType: DataType.UInt32, valueRank: -1 }],
    outputArguments: [{ name: 'left', dataType: DataType.UInt32, valueRank: -1 }] });
  reset.bindMethod((inputs, context, done) => done(null, { statusCode: inputs[1].value > 5 ? StatusCodes.BadOutOfRange : StatusCodes.Good,
    outputArguments: [{ dataType: DataType.UInt32, value: 7 }] }));
  let n = 0;
  setInterval(() => {
    speed.setValueFromSource({ dataType: 'Double', value: 1480.5 + n++ / 4 });
    if (n % 4 === 0) motor.raiseEvent('BaseEventType', { message: { dataType: DataType.LocalizedText, value: { text: `turn ${n}` } }, severity: { dataType: DataType.UInt32, value: 200 } });
  }, 250).unref();
}

async function serve() {
  const server = new ua.OPCUAServer({ port: 4840, hostname: 'motor-cell', serverCertificateManager: certificates('server'), userCertificateManager: certificates('users'),
    serverInfo: { applicationUri: 'urn:motor-cell:Example:Server', productUri: 'urn:Example:Server', applicationName: { text: 'Example Motor' } },
    buildInfo: { productName: 'Motor Server', manufacturerName: 'Example Works', softwareVersion: '3.2.1', buildNumber: '77', buildDate: new Date(2024, 0, 2) },
    securityModes: [MessageSecurityMode.None, MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt],
    securityPolicies: [SecurityPolicy.None, SecurityPolicy.Basic256Sha256], allowAnonymous: true, disableDiscovery: true,
    userManager: { isValidUser: (name, password) => name === 'operator' && password === 'not for logs' } });
  await server.initialize();
  furnish(server);
  await server.start();
  console.log('ready');
}

const read = (session, ...names) => session.read(names.map((nodeId) => ({ nodeId, attributeId: AttributeIds.Value })));
const motor = (name) => `ns=1;s=Motor.${name}`;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
async function attempt(label, ask) {
  try { console.log(label, String(await ask()).slice(0, 60)); } catch (error) { console.log(label, 'refused', error.message.slice(0, 80)); }
}

function client(name, options) {
  return ua.OPCUAClient.create({ applicationName: name, applicationUri: "urn:station:client", clientCertificateManager: certificates('client'), endpointMustExist: false,
    connectionStrategy: { maxRetry: 0 }, keepSessionAlive: false, ...options });
}

async function look(session) {
  await attempt('status', () => read(session, 'i=2256', 'i=2260', 'i=2259', 'i=2261', 'i=2263', 'i=2264', 'i=2265', 'i=2267'));
  await attempt('browse', () => session.browse('ObjectsFolder'));
  await attempt('browse below', () => session.browse([{ nodeId: 'RootFolder', browseDirection: 0, resultMask: 63 }, { nodeId: 'ns=1;s=Nowhere', browseDirection: 0, resultMask: 63 }]));
  session.requestedMaxReferencesPerNode = 2;
  await attempt('browse in parts', async () => {
    const first = await session.browse({ nodeId: 'i=2253', browseDirection: 0, resultMask: 63, includeSubtypes: true });
    return session.browseNext(first.continuationPoint, true);
  });
  await attempt('translate', () => session.translateBrowsePath(ua.makeBrowsePath('RootFolder', '/Objects/1:Motor/1:Speed')));
  await attempt('register', async () => session.unregisterNodes(await session.registerNodes([motor('Speed')])));
  await attempt('read', () => read(session, motor('Speed'), motor('Limit'), motor('Running'), motor('Name'), motor('Serial'), motor('None')));
  await attempt('read much', () => read(session, motor('Trend')));
  await attempt('attributes', () => session.read([1, 2, 3, 4, 5, 14, 15, 17, 20].map((attributeId) => ({ nodeId: motor('Speed'), attributeId }))));
  await attempt('query', () => session.queryFirst({ view: {}, nodeTypes: [], filter: { elements: [] } }));
}

async function work(session) {
  const write = (name, dataType, value) => session.write({ nodeId: motor(name), attributeId: AttributeIds.Value, value: { value: { dataType, value } } });
  await attempt('write', () => write('Limit', DataType.Int32, 1600));
  await attempt('write refused', () => write('Serial', DataType.UInt32, 1));
  await attempt('write wrong', () => write('Limit', DataType.String, 'fast'));
  const call = (n) => session.call({ objectId: 'ns=1;i=1000', methodId: motor('Reset'), inputArguments: [{ dataType: DataType.String, value: 'test' }, { dataType: DataType.UInt32, value: n }] });
  await attempt('call', () => call(2));
  await attempt('call refused', () => call(9));
  await attempt('call unknown', () => session.call({ objectId: 'i=2253', methodId: 'i=11492', inputArguments: [{ dataType: DataType.UInt32, value: 1 }] }));
  await attempt('history', () => session.readHistoryValue(motor('Speed'), new Date(Date.now() - 60000), new Date()));
  const subscription = await session.createSubscription2({ requestedPublishingInterval: 250, requestedLifetimeCount: 1000, requestedMaxKeepAliveCount: 4, maxNotificationsPerPublish: 10,
    publishingEnabled: true, priority: 1 });
  const group = await subscription.monitorItems([{ nodeId: motor('Speed'), attributeId: AttributeIds.Value }, { nodeId: motor('Limit'), attributeId: AttributeIds.Value },
    { nodeId: motor('None'), attributeId: AttributeIds.Value }], { samplingInterval: 250, queueSize: 4, discardOldest: true }, TimestampsToReturn.Both);
  const events = await subscription.monitor({ nodeId: 'i=2253', attributeId: AttributeIds.EventNotifier },
    { samplingInterval: 0, queueSize: 10, discardOldest: true, filter: ua.constructEventFilter(['SourceName', 'Message', 'Severity']) }, TimestampsToReturn.Both);
  await pause(1600);
  const item = group.monitoredItems[0];
  await attempt('modify', () => item.modify({ samplingInterval: 500, queueSize: 1, discardOldest: true }));
  await attempt('mode', () => item.setMonitoringMode(ua.MonitoringMode.Sampling));
  await attempt('modify subscription', () => subscription.modify({ requestedPublishingInterval: 500 }));
  await attempt('publishing', () => subscription.setPublishingMode(false));
  await attempt('terminate item', () => events.terminate());
  await attempt('terminate', () => subscription.terminate());
}

async function visit(name, options, user, task) {
  const own = client(name, options);
  await attempt(name, async () => {
    await own.connect(url);
    const session = await own.createSession(user);
    await task(session);
    await session.close();
  });
  await own.disconnect();
}

async function all() {
  const operator = { type: UserTokenType.UserName, userName: 'operator', password: 'not for logs' };
  const stranger = { type: UserTokenType.UserName, userName: 'admin', password: 'guess' };
  const signed = { securityMode: MessageSecurityMode.Sign, securityPolicy: SecurityPolicy.Basic256Sha256 };
  const hidden = { securityMode: MessageSecurityMode.SignAndEncrypt, securityPolicy: SecurityPolicy.Basic256Sha256 };
  const asks = client('finder', {});
  await asks.connect(url);
  await attempt('endpoints', () => asks.getEndpoints());
  await attempt('servers', () => asks.findServers());
  await attempt('network', () => asks.findServersOnNetwork());
  await asks.disconnect();
  await visit('viewer', {}, { type: UserTokenType.Anonymous }, look);
  await visit('panel', signed, operator, work);
  await visit('station', hidden, operator, (session) => read(session, motor('Speed')));
  for (let i = 0; i < 3; i++) await visit('stranger', {}, stranger, () => null);
}

(what === 'server' ? serve() : all().then(() => process.exit(0))).catch((error) => { console.error(error); process.exit(1); });
