// Reads, writes and subscribes to symbols of a controller with the library ads-client, and stops and starts it.
// Usage: ads.js ADDRESS; NODE_PATH names the library's folder.
const { Client } = require('ads-client');

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const refused = (promise) => promise.then(() => console.log('not refused'), (error) => console.log(error.message));

(async () => {
  const client = new Client({
    targetAmsNetId: '5.99.88.77.1.1', targetAdsPort: 851, routerAddress: process.argv[2], routerTcpPort: 48898,
    localAmsNetId: '10.8.0.20.1.1', localAdsPort: 32905, autoReconnect: false, hideConsoleWarnings: true,
  });
  await client.connect();
  console.log((await client.readDeviceInfo()).deviceName);
  const names = ['MAIN.fSpeed', 'MAIN.nLevel', 'MAIN.bPump', 'MAIN.nTotal', 'MAIN.sBatch', 'MAIN.fLong'];
  for (const name of names) console.log(name, (await client.readValue(name)).value);
  await client.writeValue('MAIN.nLevel', 71);
  await client.writeValue('MAIN.fSpeed', 1500.25);
  await refused(client.readValue('MAIN.absent'));
  const told = [];
  const subscription = await client.subscribeValue('MAIN.nLevel', (data) => told.push(data.value), 100);
  for (const level of [72, 73, 74]) {
    await pause(250);
    await client.writeValue('MAIN.nLevel', level);
  }
  await pause(300);
  await client.unsubscribe(subscription);
  console.log('told', told.join());
  const handle = await client.createVariableHandle('MAIN.nTotal');
  console.log(await client.readRawByHandle(handle));
  await client.writeRawByHandle(handle, Buffer.from([1, 0, 0, 0]));
  await client.deleteVariableHandle(handle);
  const handles = await client.createVariableHandleMulti(['MAIN.fSpeed', 'MAIN.fLong', 'MAIN.absent']);
  console.log(handles.map((h) => h.success).join());
  await client.readRawMulti([{ indexGroup: 0x4040, indexOffset: 0, size: 4 }, { indexGroup: 0x4040, indexOffset: 4, size: 2 },
    { indexGroup: 0x9999, indexOffset: 0, size: 2 }]);
  await client.writeRawMulti([{ indexGroup: 0x4040, indexOffset: 4, value: Buffer.from([9, 0]) }]);
  console.log(Object.keys(await client.getSymbols()).length, Object.keys(await client.getDataTypes()).length);
  await client.stopPlc();
  await client.startPlc();
  await client.disconnect();
  process.exit(0);
})().catch((error) => { console.log(error); process.exit(1); });
