-- A web request with an address far longer, or with far more parameters, than people's pages have.
require "rule" {
  name = "http_header", severity = "medium", category = "illegal commands", attack = "T0866 T0819",
  on = "http.transaction", where = "#uri > {length} or #uri > {parameters}",
  per = { "orig_h", "resp_h" },
  settings = { length = 2048, parameters = 64 },
  when = function(e, k)
    local _, n = e.uri:gsub("[&;]", "")
    return (#e.uri > k.length or n > k.parameters) and { value = #e.uri, threshold = k.length }
  end,
  en = { "Unusual web request", "{source} asks {target} for an address of {value} bytes: {uri}.",
    "Overlong requests are how holes in small web servers are used.",
    "Ask who did it and why; if nobody knows, take {source} off the network." },
  ja = { "異常なWeb要求", "{source} が {target} に {value} バイトのアドレスを要求: {uri}。",
    "過大な要求は機器のWebサーバの脆弱性を突く手口です。",
    "実施者と理由を確認し、不明な場合は {source} を切り離してください。" },
}
