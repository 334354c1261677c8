// Reads and writes a controller with the libraries st-ethernet-ip (tags) and nodepccc (files of a MicroLogix).
// Usage: logix.js ADDRESS; NODE_PATH names the libraries' folder.
const { Controller, Tag, TagGroup, Browser, IO } = require('st-ethernet-ip');
const PCCC = require('nodepccc');

const address = process.argv[2];
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const said = (what, p) => p.then((v) => console.log(what, v), (e) => console.log(what, 'refused', e.generalStatusCode || e.message));

async function tags(connected) {
  const plc = new Controller(connected);
  await plc.connect(address, 0);
  console.log(plc.properties.name, plc.properties.version, plc.state.tagList.tags.map((t) => t.name).join(' '));
  const group = new TagGroup();
  const speed = new Tag('Speed');
  const level = new Tag('Level');
  const pump = new Tag('Pump');
  for (const tag of [speed, level, pump]) group.add(tag);
  for (const tag of [speed, level, pump, new Tag('Counts[4]')]) await said(tag.name, plc.readTag(tag).then(() => tag.value));
  for (let i = 0; i < 3; i++) await said('group', plc.readTagGroup(group).then(() => [speed.value, level.value, pump.value]));
  speed.value = 1500;
  await said('write', plc.writeTag(speed));
  level.value = 12.5;
  pump.value = false;
  await said('write group', plc.writeTagGroup(group));
  await said('order', plc.readTag(plc.newTag('Order')).then(() => 'read'));
  await said('absent', plc.readTag(new Tag('Nobody')));
  await plc.readWallClock();
  await said('clock', plc.writeWallClock(new Date(Date.UTC(2026, 2, 14, 15, 9, 26))));
  await said('host', plc.getAttributeSingle(0xf5, 1, 6).then((b) => b.toString()));
  await said('closed', plc.disconnect());
}

async function io() {
  const scanner = new IO.Scanner(2222, '0.0.0.0');
  const config = { configInstance: { assembly: 151, size: 0 }, inputInstance: { assembly: 100, size: 4 },
    outputInstance: { assembly: 150, size: 4 } };
  scanner.addConnection(config, 50, address, 2222);
  await wait(1500);
}

function files() {
  return new Promise((done) => {
    const plc = new PCCC({ silent: true });
    const names = { words: 'N7:0,5', float: 'F8:1', bits: 'B3:2/4', absent: 'N99:0', set: 'N7:3' };
    plc.initiateConnection({ port: 44818, host: address }, (error) => {
      if (error) throw new Error(error);
      plc.setTranslationCB((name) => names[name]);
      plc.addItems(['words', 'float', 'bits', 'absent']);
      plc.readAllItems((bad, values) => {
        console.log('files', bad, JSON.stringify(values));
        plc.writeItems('set', 1234, () => plc.dropConnection(done));
      });
    });
  });
}

(async () => {
  const browser = new Browser(51687, '0.0.0.0', true, 500);
  browser.on('New Device', (device) => console.log('found', device.productName || device.identity));
  await wait(800);
  browser.stop();
  await tags(false);
  await tags(true);
  await files();
  await io();
  process.exit(0);
})();
