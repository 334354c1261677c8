-- A program of the operating system is started on a Beckhoff controller from afar.
require "rule" {
  name = "ads_process", severity = "critical", category = "remote access", attack = "T0807 T0871",
  on = "ads.message", where = "pdu_type == request and group == STARTPROCESS",
  per = { "orig_h", "resp_h" },
  when = function(e)
    local client, server = e.orig_h, e.resp_h
    if not e.is_orig then client, server = server, client end
    return { source = client, target = server, program = e.program or "?" }
  end,
  en = { "Program started on a controller", "{source} started {program} on {target}.",
    "It runs there with the rights of TwinCAT, which may do everything.",
    "Ask who did it and why; if nobody knows, take {target} off the network and look at it." },
  ja = { "コントローラでのプログラム起動",
    "{source} が {target} で {program} を起動しました。",
    "TwinCATの権限で実行され、あらゆる操作が可能です。",
    "実施者と理由を確認し、不明な場合は {target} を切り離して調査してください。" },
}
