// Reads and writes a controller with two libraries that put variables together in ways of their own and have several jobs under way at once.
// Usage: nodes7.js ADDRESS ; NODE_PATH names the libraries' folder.
const NodeS7 = require('nodes7');
const { S7Endpoint, S7ItemGroup } = require('@st-one-io/nodes7');

const address = process.argv[2];
const ITEMS = { bytes: 'DB1,BYTE0.8', flag: 'M4.3', words: 'DB7,INT100.20', far: 'DB7,REAL400.4', text: 'DB7,STRING200.20', bit: 'DB1,X5.2',
  inputs: 'IB0', outputs: 'QB3', timer: 'T1', counter: 'C2' };
const WRITE = { flag: true, words: Array.from({ length: 20 }, (_, i) => 100 * i - 500), far: [1.5, -2.5, 1e6, 0], text: 'Line 4' };

function tell(what, value) { console.log(what, JSON.stringify(value)); }

function first() {
  return new Promise((done, fail) => {
    const plc = new NodeS7({ silent: true });
    plc.initiateConnection({ host: address, port: 102, rack: 0, slot: 2 }, (error) => {
      if (error) return fail(error);
      plc.setTranslationCB((name) => ITEMS[name]);
      plc.addItems(Object.keys(ITEMS));
      plc.readAllItems((bad, values) => {
        tell('nodes7 reads', [bad, values]);
        plc.writeItems(Object.keys(WRITE), Object.values(WRITE), (badWrite) => {
          tell('nodes7 writes', badWrite);
          plc.readAllItems((badAgain, again) => {
            tell('nodes7 reads again', [badAgain, again]);
            plc.dropConnection(done);
          });
        });
      });
    });
  });
}

async function second() {
  const plc = new S7Endpoint({ host: address, rack: 0, slot: 2, autoReconnect: 0 });
  const attempt = async (what, ask) => tell(what, await ask().catch((error) => `refused: ${error.message}`));
  plc.on('error', (error) => tell('error', error.message));
  await plc.connect();
  const group = new S7ItemGroup(plc);
  group.setTranslationCB((name) => ITEMS[name]);
  group.addItems(Object.keys(ITEMS));
  await attempt('reads', () => group.readAllItems());
  await attempt('writes', () => group.writeItems(Object.keys(WRITE), Object.values(WRITE)));
  await Promise.all([0, 100, 200, 300, 400, 500].map((start) => attempt(`reads DB7 from ${start}`, () => plc.readDB(7, start, 90))));
  await attempt('reads a block that is not there', () => plc.readDB(4000, 0, 4));
  await attempt('module', () => plc.getModuleIdentification());
  await attempt('component', () => plc.getComponentIdentification());
  await attempt('lists', () => plc.getAvailableSSL());
  await attempt('counts blocks', () => plc.blockCount());
  await attempt('lists all blocks', () => plc.listAllBlocks());
  await attempt('describes DB1', () => plc.getBlockInfo('DB', 1, 'A'));
  await attempt('uploads DB1', () => plc.uploadBlock('DB', 1));
  await attempt('reads the clock', () => plc.getTime());
  await attempt('sets the clock', () => plc.setTime(new Date(Date.UTC(2024, 4, 13, 8, 0, 0))));
  await plc.disconnect();
}

first().then(second).then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
