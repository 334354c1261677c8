-- A client asks a domain controller for a machine's secure channel, again and again.
require "rule" {
  name = "netlogon_guessing", severity = "critical", category = "suspicion of malicious activity",
  attack = "T0866 T0890",
  on = "dcerpc.call",
  where = "operation in {NetrServerAuthenticate, NetrServerAuthenticate2, NetrServerAuthenticate3}",
  per = { "orig_h", "resp_h" }, many = 10, within = "1m",
  en = { "Domain controller attacked",
    "{source} asked {target} for a secure channel {value} times within {within}.",
    "A machine does so once when it starts. So many are how a hole of domain controllers is used "
      .. "(CVE-2020-1472): whoever succeeds owns the domain.",
    "Take {source} off the network. See whether {target} is patched and its password changed." },
  ja = { "ドメインコントローラへの攻撃",
    "{source} が {target} へ {within} の間に {value} 回セキュアチャネルを要求しました。",
    "Netlogonの脆弱性 (CVE-2020-1472) を突く攻撃の特徴です。",
    "{source} を切り離し、{target} の更新状況とパスワード変更を確認してください。" },
}
