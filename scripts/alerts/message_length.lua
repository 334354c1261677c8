-- A datagram far longer than the protocols of a plant have: in pieces, put together again.
require "rule" {
  name = "message_length", severity = "medium", category = "illegal commands",
  attack = "T0866 T0814",
  on = "conn_delta", where = "proto in {udp, icmp} and (orig_bytes > 1472 or resp_bytes > 1472)",
  per = { "orig_h", "resp_h", "resp_p" }, settings = { length = 32768 },
  when = function(e, k)
    local longest = 0
    for _, side in ipairs { "orig", "resp" } do
      local n = e[side .. "_pkts"]
      if n > 0 then longest = math.max(longest, (e[side .. "_bytes"] or 0) / n) end
    end
    return longest >= k.length and { value = longest // 1, threshold = k.length }
  end,
  en = { "Unexpected message length", "A message of {value} bytes between {source} and {target}.",
    "Overlong messages are how holes in devices are found and used.",
    "Look at the packets, and ask who sent them." },
  ja = { "異常な長さのメッセージ",
    "{source} と {target} の間で {value} バイトのメッセージが検出されました。",
    "過大なメッセージは機器の脆弱性の探索や攻撃に使われます。",
    "パケットと送信者を確認してください。" },
}
