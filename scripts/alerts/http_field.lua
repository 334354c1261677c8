-- A web request with a field far longer than programs send: a Host, a From, a User-Agent of 1 KiB.
require "rule" {
  name = "http_field", severity = "medium", category = "illegal commands", attack = "T0866 T0819",
  on = "weird", where = "source == http and name ~ long_field", per = { "orig_h", "resp_h" },
  source = "orig_h", target = "resp_h",
  en = { "Overlong web field",
    "{source} sends {target} a web request whose field {addl} is overlong.",
    "Overlong fields are how holes in small web servers are used.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "過大なHTTPフィールド",
    "{source} が {target} に {addl} フィールドの過大なWeb要求を送信しました。",
    "過大なフィールドは機器のWebサーバの脆弱性を突く手口です。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
