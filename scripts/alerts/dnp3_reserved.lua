-- Function codes and indications (IIN 2.6, 2.7) that DNP3 has not given to anybody.
require "rule" {
  name = "dnp3_reserved", severity = "medium", category = "illegal commands",
  attack = "T0855 T0888", usual = { "orig_h", "resp_h" },
  on = "weird", where = { name = "dnp3.reserved_function" }, per = { "orig_h", "resp_h" },
  also = { { on = "dnp3.message", where = "indications ~ reserved" } },
  en = { "Reserved code of DNP3",
    "Between {source} and {target} went a function or an indication that is not defined.",
    "A fuzzer, a scanner, or a program that does not keep to the standard.",
    "If the device is known to do so, learn the alert; otherwise ask who sent it." },
  ja = { "DNP3 予約コードの使用",
    "{source} と {target} の間で未定義の機能コードまたは通知が使用されました。",
    "ファジング、スキャン、または規格外のプログラムの可能性があります。",
    "既知の機器であれば学習し、それ以外は送信者を確認してください。" },
}
