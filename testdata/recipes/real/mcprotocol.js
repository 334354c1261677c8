// Reads and writes devices of a MELSEC controller with the library mcprotocol, in frame 1E and 3E, binary and ASCII code.
// Usage: mcprotocol.js ADDRESS PORT=FRAME/CODE ... ; NODE_PATH names the library's folder.
const MC = require('mcprotocol');

const ITEMS = { words: 'D0,5', bits: 'M96,24', far: 'D500,20', float: 'DFLOAT100,2', timer: 'TN3,2', inputs: 'X20,4', file: 'R10,3' };
const WRITE = { words: [11, 22, 33, 44, 55], bits: Array(24).fill(0).map((_, i) => i % 2 === 0) };
const ABSENT = 'D7999,4';

// In 3E and ASCII code the library spells all device numbers in hexadecimal, which is right for some devices only; the
// others are refused. It takes 1E responses to a write for those of
// 3E and throws: the write is the last thing said.
function talk(address, argument) {
  const [port, how] = argument.split('=');
  const [frame, code] = how.split('/');
  const names = { ...ITEMS, absent: ABSENT };
  return new Promise((done) => {
    const plc = new MC();
    const read = (then) => plc.readAllItems((bad, values) => {
      console.log(frame, code, bad, JSON.stringify(values));
      setTimeout(then, 50);
    });
    const end = () => {
      process.removeAllListeners('uncaughtException');
      plc.dropConnection();
      setTimeout(done, 200);
    };
    plc.initiateConnection({ host: address, port: Number(port), frame, ascii: code === 'ascii' }, (error) => {
      if (error) throw new Error(`${argument}: ${JSON.stringify(error)}`);
      plc.setTranslationCB((name) => names[name]);
      plc.addItems(Object.keys(ITEMS));
      read(() => {
        plc.addItems('absent');
        read(() => {
          process.once('uncaughtException', end);
          plc.writeItems(Object.keys(WRITE), Object.values(WRITE), end);
        });
      });
    });
  });
}

(async () => {
  for (const argument of process.argv.slice(3)) await talk(process.argv[2], argument);
  process.exit(0);
})();
