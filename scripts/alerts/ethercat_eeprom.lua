-- Somebody writes the EEPROM of an EtherCAT slave, where its identity and its settings stand.
require "rule" {
  name = "ethercat_eeprom", severity = "high", category = "configuration changes",
  attack = "T0839 T0836",
  on = "ot.operation", where = "protocol == ethercat and func == eeprom_write",
  per = { "client", "sub" }, settings = { quiet = "10m" },
  en = { "EtherCAT EEPROM written", "{client} writes the EEPROM of {sub}.",
    "After its next start the slave may be another one to its master, or not work at all.",
    "Ask who works on it; compare vendor, product and revision with the project." },
  ja = { "EtherCAT EEPROMの書き込み", "{client} が {sub} のEEPROMに書き込みました。",
    "再起動後に別の機器と認識される、または動作しなくなるおそれがあります。",
    "実施者を確認し、ベンダー、製品、リビジョンを照合してください。" },
}
