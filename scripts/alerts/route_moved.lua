-- Connections that go on suddenly come from another MAC address, and do not come back: somebody
-- stepped in between. A mirror port that shows both sides of a router goes to and fro.
local went = state.set { name = "rule.went", key = { "mac", "mac" }, expire = "1d", max = 20000 }
require "rule" {
  name = "route_moved", severity = "medium", category = "man in the middle", attack = "T0830",
  on = "flow.mac_changed", where = "transport == tcp", per = { "was", "now" },
  distinct = "uid", many = 2, within = "5m", source = "now", target = "was",
  usual = true, settings = { quiet = "1d" },
  when = function(e)
    went:add { e.was, e.now }
    return not went:has { e.now, e.was }
  end,
  en = { "Connections go another way",
    "{value} connections that came from {target} now come from {source} ({orig_h}, {resp_h}).",
    "Somebody redirected them to himself, or a router or a card took over from another one.",
    "Find {source} at the switch. If it is the other half of a pair, learn the alert." },
  ja = { "通信経路の変化",
    "{target} からの {value} 件の通信が {source} に移りました ({orig_h}, {resp_h})。",
    "通信の横取り、またはルータやネットワークカードの切替えです。",
    "スイッチで {source} を特定してください。冗長構成の片側であれば学習してください。" },
}
