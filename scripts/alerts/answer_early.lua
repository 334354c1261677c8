-- A server answers before it was asked: before the handshake is over, or before the request where
-- the client speaks first. No program does so; who looks only at what comes after is blind to it.
local asked_first = { -- not ssl: mail, FTP and databases greet in clear before it
  http = true, smb = true, modbus = true, enip = true, cotp = true, s7comm = true, mms = true,
  s7comm_plus = true, slmp = true, fins = true, mqtt = true, opcua = true, ads = true,
}
-- Letters of Zeek's history; G and g: bytes lost. A handshake that never ends, with a question
-- behind it, ended where we did not see it.
local before_request <const>, before_handshake <const> = "^S[^Dg]*d[^Dg]*D", "^Shd[^D]*A"

require "rule" {
  name = "answer_early", severity = "medium", category = "illegal commands", attack = "T0820 T0830",
  on = "conn", -- ShAD: the question was first; G: it got lost on its way to us
  where = "proto == tcp and history ~ Sh and history ~ d and resp_pkts > 1 "
    .. "and not history ~ ShAD and not history ~ G",
  per = { "orig_h", "resp_h", "resp_p" }, source = "resp_h", target = "orig_h", whole = true,
  when = function(e)
    local history = e.history
    if history:find(before_handshake) then return true end
    return asked_first[e.service] and history:find(before_request) ~= nil
  end,
  en = { "Answer before the request",
    "{source} port {resp_p} answered {target} before it was asked ({history}).",
    "Somebody hides what is sent from programs that watch, or sends in the server's name.",
    "Look at the packets: whose MAC address sent the answer? Take {target} off the network until "
      .. "it is known what it got." },
  ja = { "要求前の応答",
    "{source} ポート {resp_p} が {target} の要求より先に応答しました ({history})。",
    "監視を回避する細工、または第三者によるサーバのなりすましが考えられます。",
    "パケットの送信元MACアドレスを確認し、内容が判明するまで {target} を切り離してください。" },
}
